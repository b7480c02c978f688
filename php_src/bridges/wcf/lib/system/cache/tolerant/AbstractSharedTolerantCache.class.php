<?php

/*
 * Part of the bridge from WoltLab Suite Core to the PHP extension "cache".
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
declare(strict_types=1);

namespace wcf\system\cache\tolerant;

use SharedCache\Pool;
use wcf\system\cache\shared\AbstractSharedCache;
use wcf\system\cache\shared\RebuildQueue;
use wcf\system\cache\shared\SharedPool;

/**
 * A cache whose value is served however old it is. Once a part of its lifetime has passed, 0.8 by default, exactly one rebuild is
 * started: by a job of the queue, or without a queue by the request that noticed, after its response was sent.
 *
 * The constructor's parameters, promoted to properties, tell one cache of a class from another.
 *
 * @template T of array|object
 * @extends AbstractSharedCache<T>
 */
abstract class AbstractSharedTolerantCache extends AbstractSharedCache
{
    /** Seconds after which the value is to be replaced; at least 1. */
    abstract public function getLifetime(): int;

    /**
     * Reads the source, which is the database, and returns the value.
     *
     * It must be pure: it must not read any cache, nor what an object has in memory since earlier.
     *
     * @return T
     */
    abstract protected function rebuildCacheData(): array|object;

    /**
     * The source has changed, and nobody shall wait for it: the value is stale from now on, and a job is queued; without a
     * queue the next reader sees to it. A rebuild that is running is done once more. Call it after the database's commit.
     */
    final public function reset(): void
    {
        SharedPool::get()?->markStale($this->identity()->key);
        RebuildQueue::push($this->identity());
    }

    /** Seconds since the epoch, when the next rebuild is due; now, if there is no fresh value. */
    final public function nextRebuildTime(): int
    {
        $info = SharedPool::get()?->info($this->identity()->key);
        if ($info === null || !$info['state']->isFresh()) {
            return \time();
        }

        return (int) ($info['stamp'] / 1e6 + $this->freshFor() * SharedPool::settings()->refresh);
    }

    final public function freshFor(): int
    {
        $lifetime = $this->getLifetime();
        if ($lifetime < 1) {
            throw new \LogicException(static::class . " has a lifetime of $lifetime seconds: 1 is the least");
        }

        return $lifetime;
    }

    final protected function build(): array|object
    {
        return $this->rebuildCacheData();
    }

    final protected function load(Pool $pool, string $key): array
    {
        $settings = SharedPool::settings();

        return $pool->compute(
            $key,
            $this->produce(...),
            $this->freshFor(),
            \INF,
            refreshAhead: $settings->refresh - 1.0,
            wait: $settings->wait,
            leaseTtl: $settings->lease,
        );
    }
}
