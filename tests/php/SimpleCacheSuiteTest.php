<?php

declare(strict_types=1);

namespace SharedCache\Tests;

use SharedCache\Pool;
use SharedCache\Psr\SimpleCache;

/** The suite of php-cache for PSR-16. */
final class SimpleCacheSuiteTest extends \Cache\IntegrationTests\SimpleCacheTest
{
    public function createSimpleCache(): SimpleCache
    {
        return new SimpleCache(new Pool('psr16'));
    }
}
