<?php

declare(strict_types=1);

namespace SharedCache\Tests\Symfony;

use Psr\Cache\CacheItemPoolInterface;
use SharedCache\Bridge\Symfony\TagAwareCache;
use SharedCache\Pool;
use Symfony\Component\Cache\Adapter\ProxyAdapter;
use Symfony\Component\Cache\Adapter\TagAwareAdapter;
use Symfony\Component\Cache\Tests\Adapter\AdapterTestCase;
use Symfony\Component\Cache\Tests\Adapter\TagAwareTestTrait;

/** The same with Symfony's tags, `tags: true` in its configuration. */
final class TaggedPoolsOnSymfonyItems extends AdapterTestCase
{
    use TagAwareTestTrait;

    protected $skippedTests = [
        'testPrune' => 'Nothing has to be pruned, whatever the adapter passes on.',
        'testClearPrefix' => 'Symfony hands the prefix on to adapters of its own only: over others it clears all.',
    ];

    public function createCachePool(int $defaultLifetime = 0, ?string $testMethod = null): CacheItemPoolInterface
    {
        return new TagAwareAdapter(new ProxyAdapter(new TagAwareCache(new Pool('tagged')), '', $defaultLifetime), null, 0);
    }
}
