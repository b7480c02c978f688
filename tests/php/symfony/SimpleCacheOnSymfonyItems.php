<?php

declare(strict_types=1);

namespace SharedCache\Tests\Symfony;

use Psr\Cache\CacheItemPoolInterface;
use SharedCache\Pool;
use SharedCache\Psr\SimpleCache;
use Symfony\Component\Cache\Adapter\Psr16Adapter;
use Symfony\Component\Cache\Tests\Adapter\AdapterTestCase;

/** The same on Symfony's adapter of PSR-16, over the library's cache. */
final class SimpleCacheOnSymfonyItems extends AdapterTestCase
{
    protected $skippedTests = [
        'testPrune' => 'Nothing has to be pruned, whatever the adapter passes on.',
        'testClearPrefix' => 'Symfony hands the prefix on to adapters of its own only: over others it clears all.',
    ];

    public function createCachePool(int $defaultLifetime = 0, ?string $testMethod = null): CacheItemPoolInterface
    {
        return new Psr16Adapter(new SimpleCache(new Pool('simple')), '', $defaultLifetime);
    }
}
