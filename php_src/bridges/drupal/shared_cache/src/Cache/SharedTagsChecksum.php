<?php

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

declare(strict_types=1);

namespace Drupal\shared_cache\Cache;

use Drupal\Core\Cache\CacheTagsChecksumInterface;
use Drupal\Core\Cache\CacheTagsChecksumTrait;
use Drupal\Core\Cache\CacheTagsInvalidatorInterface;
use Drupal\Core\Database\Connection;
use Drupal\Core\Site\Settings;
use SharedCache\Pool;

/**
 * Counts the invalidations of cache tags in shared memory, for sites of one machine.
 *
 * A count is the time of the last invalidation in microseconds, or of the first question: so one that had to make room, and begins
 * anew, never comes to a count that it has had. Whatever was stored with it is invalid then.
 *
 * Every process that invalidates tags must use the same segment, the command line as well: the invalidation of a process that has
 * none is not seen by the others. It raises a warning.
 */
class SharedTagsChecksum implements CacheTagsChecksumInterface, CacheTagsInvalidatorInterface {

  use CacheTagsChecksumTrait;

  private readonly Pool $counters;

  /**
   * Constructs a SharedTagsChecksum.
   *
   * @param string $root
   *   The app root.
   * @param string $site_path
   *   The site path.
   * @param \Drupal\Core\Database\Connection $connection
   *   The database: within a transaction tags are invalidated when it ends.
   *
   * @throws \SharedCache\ExtensionMissingException
   */
  public function __construct(string $root, string $site_path, private readonly Connection $connection) {
    // Not that of the code's version: what a database has stored with a count outlives it.
    $this->counters = new Pool('drupal.tags.' . hash_hmac('sha256', "$root/$site_path", (string) Settings::get('hash_salt', '')));
  }

  /**
   * {@inheritdoc}
   */
  protected function getTagInvalidationCounts(array $tags) {
    $counts = $this->counters->getMulti($tags);
    foreach ($tags as $tag) {
      $counts[$tag] ??= $this->begin($tag);
    }
    return $counts;
  }

  /**
   * {@inheritdoc}
   */
  protected function doInvalidateTags(array $tags) {
    foreach ($tags as $tag) {
      $count = static fn (mixed $old): int => max((int) $old + 1, Pool::now());
      if (!$this->counters->merge($tag, $count)) {
        trigger_error('Cache tags are counted in shared memory, which this process does not have: "' . $tag . '" stays valid for others', E_USER_WARNING);
        return;
      }
    }
  }

  /**
   * {@inheritdoc}
   */
  protected function getDatabaseConnection() {
    return $this->connection;
  }

  /**
   * The count of a tag that has had none, unless another process was faster.
   */
  private function begin(string $tag): int {
    $now = Pool::now();
    return $this->counters->add($tag, $now) ? $now : (int) $this->counters->get($tag, $now);
  }

}
