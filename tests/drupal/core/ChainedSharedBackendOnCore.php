<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache\core;

use Drupal\Component\Datetime\TimeInterface;
use Drupal\Core\Cache\DatabaseBackend;
use Drupal\KernelTests\Core\Cache\GenericCacheBackendUnitTestBase;
use Drupal\shared_cache\Cache\ChainedSharedBackend;
use Drupal\shared_cache\Cache\DatabaseRowVersions;
use Drupal\shared_cache\Cache\SharedBackend;

/** Core's tests of every backend for shared memory in front of core's database backend, on SQLite. */
final class ChainedSharedBackendOnCore extends GenericCacheBackendUnitTestBase
{
    protected function createCacheBackend($bin)
    {
        $checksum = \Drupal::service('cache_tags.invalidator.checksum');
        $time = \Drupal::service(TimeInterface::class);

        return new ChainedSharedBackend(
            new DatabaseBackend($this->connection, $checksum, $bin, \Drupal::service('serialization.phpserialize'), $time),
            new SharedBackend($bin, $this->databasePrefix, $checksum, $time),
            $bin,
            new DatabaseRowVersions($this->connection, $bin),
            0.0,
            $this->connection,
        );
    }

    /** Versions are as the database backend's items have them. */
    public function testUnchangedItemsAreOnlyTouched(): void
    {
        $ids = array_map(static fn (int $i): string => "id $i", range(1, 20));
        $this->createCacheBackend('render')->setMultiple(array_fill_keys($ids, ['data' => ['array'], 'tags' => ['t', 's']]));
        $this->createCacheBackend('render')->get('nothing');
        for ($end = hrtime(true) + 15_000_000; hrtime(true) < $end;) {
        }
        $wanted = $ids;
        self::assertCount(20, $this->createCacheBackend('render')->getMultiple($wanted));
        $this->createCacheBackend('render')->set('id 1', 'changed');
        $before = cache_info(true);
        $wanted = $ids;
        $items = $this->createCacheBackend('render')->getMultiple($wanted);
        self::assertSame(['changed', ['array'], ['s', 't']], [$items['id 1']->data, $items['id 2']->data, $items['id 2']->tags]);
        self::assertSame(19, cache_info(true)['touches'] - $before['touches']);
        self::assertSame(1, cache_info(true)['stores'] - $before['stores']);
    }
}
