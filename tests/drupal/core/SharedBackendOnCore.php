<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache\core;

use Drupal\Component\Datetime\TimeInterface;
use Drupal\KernelTests\Core\Cache\GenericCacheBackendUnitTestBase;
use Drupal\shared_cache\Cache\SharedBackend;

/** Core's tests of every backend, and what its test of the APCu backend adds, for bins in shared memory. */
class SharedBackendOnCore extends GenericCacheBackendUnitTestBase
{
    protected function createCacheBackend($bin)
    {
        return new SharedBackend(
            $bin,
            $this->databasePrefix,
            \Drupal::service('cache_tags.invalidator.checksum'),
            \Drupal::service(TimeInterface::class),
        );
    }

    /** Entries have no end. */
    public function testSetGet(): void
    {
        parent::testSetGet();
        $all = iterator_to_array(new \Cache\EntryIterator('drupal.'));
        self::assertNotEmpty($all);
        self::assertSame([0], array_unique(array_column($all, 'ttl')));
    }
}
