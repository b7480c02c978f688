<?php

declare(strict_types=1);

namespace SharedCache\Tests;

use SharedCache\Bridge\Symfony\TagAwareCache;
use SharedCache\Pool;

/** The suite of php-cache for PSR-6, with the cache of Symfony's contracts. */
final class TagAwareCacheSuiteTest extends \Cache\IntegrationTests\CachePoolTest
{
    public function createCachePool(): TagAwareCache
    {
        return new TagAwareCache(new Pool('symfony'));
    }
}
