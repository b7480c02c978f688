<?php

declare(strict_types=1);

namespace SharedCache\Tests\Symfony;

use Psr\Cache\CacheItemPoolInterface;
use SharedCache\Bridge\Symfony\TagAwareCache;
use SharedCache\Pool;
use Symfony\Component\Cache\Adapter\ProxyAdapter;
use Symfony\Component\Cache\Tests\Adapter\AdapterTestCase;

/** Symfony's own tests of its adapters, on the one that `cache.adapter.psr6` is, over the bridge. */
final class PoolsOnSymfonyItems extends AdapterTestCase
{
    protected $skippedTests = [
        'testGetMetadata' => 'Symfony shows the metadata of items of its own class only.',
        'testPrune' => 'Nothing has to be pruned, whatever the adapter passes on.',
        'testClearPrefix' => 'Symfony hands the prefix on to adapters of its own only: over others it clears all.',
    ];

    public function createCachePool(int $defaultLifetime = 0, ?string $testMethod = null): CacheItemPoolInterface
    {
        return new ProxyAdapter(new TagAwareCache(new Pool('proxied')), 'space', $defaultLifetime);
    }
}
