<?php

declare(strict_types=1);

namespace SharedCache\Tests\Symfony;

use SharedCache\Bridge\Symfony\TagAwareCache;
use SharedCache\Pool;
use Symfony\Component\Cache\Tests\Adapter\AdapterTestCase;
use Symfony\Component\Cache\Tests\Adapter\TagAwareTestTrait;

/** Symfony's own tests of its adapters, and of those with tags, on the bridge itself. */
final class TagAwareCacheOnBridgeItems extends AdapterTestCase
{
    use TagAwareTestTrait;

    public function createCachePool(int $defaultLifetime = 0, ?string $testMethod = null): TagAwareCache
    {
        return new TagAwareCache(new Pool('symfony', ttl: $defaultLifetime));
    }
}
