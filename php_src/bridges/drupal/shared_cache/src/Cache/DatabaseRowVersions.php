<?php

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

declare(strict_types=1);

namespace Drupal\shared_cache\Cache;

use Drupal\Core\Database\Connection;

/**
 * The rows of core's DatabaseBackend.
 */
class DatabaseRowVersions implements RowVersionsInterface {

  private readonly string $query;

  public function __construct(private readonly Connection $connection, string $bin) {
    $table = $connection->escapeTable('cache_' . $bin);
    $this->query = 'SELECT [cid], [created], [expire], [checksum] FROM {' . $table . '} WHERE [cid] IN ( :wanted[] )';
  }

  /**
   * {@inheritdoc}
   */
  public function rows(array $cids): array {
    // The backend keeps other cache IDs under a hash of them: their data is asked for.
    $plain = array_filter($cids, static fn ($cid): bool => preg_match('/^[\x00-\x7f]{0,254}[\x00-\x1f\x21-\x7f]\z/s', (string) $cid) === 1);
    if (!$plain) {
      return [];
    }
    try {
      return $this->connection->query($this->query, [':wanted[]' => array_map(strval(...), array_values($plain))])->fetchAllAssoc('cid');
    }
    catch (\Exception) {
      // The backend makes its table when it first needs it.
      return [];
    }
  }

}
