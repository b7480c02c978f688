<?php

/*
 * Part of the bridge from WoltLab Suite Core to the PHP extension "cache".
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
declare(strict_types=1);

namespace wcf\system\cache\shared;

use SharedCache\Pool;
use SharedCache\Rebuild\Context;
use SharedCache\Rebuild\Registry;
use SharedCache\Rebuild\Value;

/**
 * Leaves rebuilds to the command cache-worker, instead of to visitors' browsers. A job is a class and the parameters of its
 * constructor; there is one at most for a cache, and one that is asked for again while it runs is done once more.
 */
final class RebuildQueue
{
    /**
     * @param class-string<AbstractSharedCache> $class
     * @param array<string, mixed> $parameters of its constructor, by name
     * @return bool is there such a job now? false: there is no queue, or no room in it
     */
    public static function enqueue(string $class, array $parameters = []): bool
    {
        // By way of the object, so that defaults of the constructor are parameters, too.
        return self::push(CacheIdentity::of((new CacheIdentity($class, $parameters))->instantiate()));
    }

    /** @internal */
    public static function push(CacheIdentity $identity): bool
    {
        $pool = SharedPool::get();

        return $pool?->queue !== null && $pool->push($identity->key);
    }

    /**
     * What the file returns that is given to `cache-worker run --bootstrap=`.
     *
     * @throws \LogicException there is no queue
     */
    public static function registry(): Registry
    {
        $pool = SharedPool::get()
            ?? throw new \LogicException('This process cannot use the cache: see cache.enable_cli and cache.segment');
        if ($pool->queue === null) {
            throw new \LogicException("No queue is configured: define('SHARED_CACHE_QUEUE', 'wcf') in config.inc.php");
        }

        return (new Registry(strict: SharedPool::settings()->strict))
            ->add($pool->queue, $pool->prefix . CacheIdentity::PATTERN, self::load(...));
    }

    private static function load(Context $context): Value
    {
        // The process lives on from job to job, and each shall see what is there now.
        RequestValues::forget();
        $pool = SharedPool::get() ?? throw new \RuntimeException('The cache is gone');
        $cache = CacheIdentity::fromKey(\substr($context->key, \strlen($pool->prefix)))->instantiate();

        return new Value($cache->produce(), $cache->freshFor(), \INF, $pool->storedTags());
    }
}
