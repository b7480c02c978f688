<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache\core;

use Drupal\Core\Cache\CacheTagsInvalidator;
use Drupal\shared_cache\Cache\SharedTagsChecksum;

require_once __DIR__ . '/SharedBackendOnCore.php';

/** The same with counters of tags in shared memory. */
final class SharedBackendWithTagsOnCore extends SharedBackendOnCore
{
    public function setUpCacheBackend()
    {
        $checksum = new SharedTagsChecksum('/root', 'sites/default', $this->connection);
        $invalidator = new CacheTagsInvalidator();
        $invalidator->addInvalidator($checksum);
        \Drupal::getContainer()->set('cache_tags.invalidator.checksum', $checksum);
        \Drupal::getContainer()->set('cache_tags.invalidator', $invalidator);
    }
}
