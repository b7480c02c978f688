<?php

/*
 * Part of the bridge from WoltLab Suite Core to the PHP extension "cache".
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
declare(strict_types=1);

namespace wcf\system\cache\shared;

use SharedCache\Pool;

/**
 * What eager and tolerant caches have in common: a value that is never withheld because it is old, and a builder that is pure.
 *
 * @template T of array|object
 */
abstract class AbstractSharedCache
{
    private ?CacheIdentity $identity = null;

    /**
     * The value. The same during the whole request.
     *
     * @return T
     * @throws ImpureBuilderException called by a builder, in debug mode
     */
    final public function getCache(): array|object
    {
        BuilderGuard::read(static::class);
        $key = $this->identity()->key;
        $value = RequestValues::find($key);
        if ($value === null) {
            $pool = SharedPool::get();
            $value = RequestValues::keep($key, ($pool === null ? $this->produce() : $this->load($pool, $key))[1]);
        }

        return $value;
    }

    /**
     * The source has changed: builds the value anew, now, and stores it. Call it after the database's commit. When it returns, the
     * change is visible to whoever asks; but not to this request, if it has seen the value already.
     *
     * @throws \Throwable what the builder throws; the old value stays, is known to be stale, and is rebuilt later
     */
    final public function rebuild(): void
    {
        $pool = SharedPool::get();
        if ($pool !== null) {
            (new OrderedRebuild($pool, $this->identity()->key, $this->produce(...), $this->freshFor()))->run();
        }
    }

    /**
     * Builds the value, under the guard, and does not store it.
     *
     * @internal
     * @return array{int, T} what is stored: the time when the source began to be read, in microseconds since the epoch, and the
     *     value. The entry's stamp is that time as well, but a mark overwrites it
     */
    final public function produce(): array
    {
        return [Pool::now(), BuilderGuard::run(static::class, $this->build(...))];
    }

    /** @internal seconds for which a value is fresh; 0: until it is reset */
    abstract public function freshFor(): int;

    /**
     * @param string $key of the pool
     * @return array{int, T} as produce()
     */
    abstract protected function load(Pool $pool, string $key): array;

    /** @return T */
    abstract protected function build(): array|object;

    final protected function identity(): CacheIdentity
    {
        return $this->identity ??= CacheIdentity::of($this);
    }
}
