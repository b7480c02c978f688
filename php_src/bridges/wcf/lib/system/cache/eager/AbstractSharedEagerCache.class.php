<?php

/*
 * Part of the bridge from WoltLab Suite Core to the PHP extension "cache".
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
declare(strict_types=1);

namespace wcf\system\cache\eager;

use SharedCache\Pool;
use wcf\system\cache\shared\AbstractSharedCache;
use wcf\system\cache\shared\OrderedRebuild;
use wcf\system\cache\shared\SharedPool;

/**
 * A cache that does not expire, and is rebuilt at once by whoever changes its source: readers never wait for a change of
 * somebody else's. Only a value that is missing is built by a reader, by one, while the others wait for him.
 *
 * The constructor's parameters, promoted to properties, tell one cache of a class from another.
 *
 * @template T of array|object
 * @extends AbstractSharedCache<T>
 */
abstract class AbstractSharedEagerCache extends AbstractSharedCache
{
    /** The same as rebuild(). */
    final public function reset(): void
    {
        $this->rebuild();
    }

    /**
     * Reads the source, which is the database, and returns the value.
     *
     * It must be pure: it must not read any cache, nor what an object has in memory since earlier.
     *
     * @return T
     */
    abstract protected function getCacheData(): array|object;

    final public function freshFor(): int
    {
        return 0;
    }

    final protected function build(): array|object
    {
        return $this->getCacheData();
    }

    final protected function load(Pool $pool, string $key): array
    {
        $found = $pool->peek($key);
        if ($found->isFresh() || ($found->isFound() && OrderedRebuild::isUnderWay($pool, $key))) {
            return $found->value;
        }
        // Missing; or stale, and whoever reset it has died: then the old value comes back at once.
        $settings = SharedPool::settings();

        return $pool->compute($key, $this->produce(...), 0, \INF, wait: $settings->wait, leaseTtl: $settings->lease);
    }
}
