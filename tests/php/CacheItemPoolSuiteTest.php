<?php

declare(strict_types=1);

namespace SharedCache\Tests;

use SharedCache\Pool;
use SharedCache\Psr\CacheItemPool;

/** The suite of php-cache for PSR-6. */
final class CacheItemPoolSuiteTest extends \Cache\IntegrationTests\CachePoolTest
{
    public function createCachePool(): CacheItemPool
    {
        return new CacheItemPool(new Pool('psr6'));
    }
}
