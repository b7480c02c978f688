<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Bridge\Laravel;

use Illuminate\Cache\TaggableStore;
use Illuminate\Contracts\Cache\LockProvider;
use SharedCache\Pool;

/**
 * A store of Laravel's cache, 10 to 13. What the pool keeps as stale is missing here.
 *
 * Locks lie in a pool of their own, so that flush() leaves them. As others of Laravel's they belong to who knows their owner, not to a
 * process: they end with their time only, and when room is needed.
 */
class SharedStore extends TaggableStore implements LockProvider
{
    private readonly Pool $locks;

    public function __construct(private readonly Pool $pool)
    {
        $this->locks = new Pool("$pool->prefix.locks");
    }

    /** @param string $key */
    public function get($key): mixed
    {
        return $this->pool->get((string) $key);
    }

    /** @return array<array-key, mixed> by key, null for what is missing */
    public function many(array $keys): array
    {
        return \array_replace(\array_fill_keys($keys, null), $this->pool->getMulti($keys));
    }

    /**
     * @param string $key
     * @param int $seconds 0 or less: it is deleted
     */
    public function put($key, $value, $seconds): bool
    {
        return $seconds > 0 ? $this->pool->set((string) $key, $value, $seconds) : $this->forget($key);
    }

    /** @param int $seconds 0 or less: they are deleted */
    public function putMany(array $values, $seconds): bool
    {
        if ($seconds > 0) {
            return $this->pool->setMulti($values, $seconds) === [];
        }
        $this->pool->deleteMulti(\array_keys($values));

        return Pool::isEnabled();
    }

    /**
     * Stores unless there is something, which no other process can do at the same time.
     *
     * @param string $key
     * @param int $seconds
     */
    public function add($key, $value, $seconds): bool
    {
        return $seconds > 0 && $this->pool->add((string) $key, $value, $seconds);
    }

    /**
     * Atomic, and leaves the time that it has; what is missing begins with 0, and has no limit.
     *
     * @param string $key
     * @param int $value
     * @return int|false false: it is no integer, or the cache is disabled
     */
    public function increment($key, $value = 1): int|false
    {
        return $this->pool->inc((string) $key, (int) $value, 0) ?? false;
    }

    /** @see increment() */
    public function decrement($key, $value = 1): int|false
    {
        return $this->pool->dec((string) $key, (int) $value, 0) ?? false;
    }

    /** @param string $key */
    public function forever($key, $value): bool
    {
        return $this->pool->set((string) $key, $value, 0);
    }

    /**
     * Gives an item another time.
     *
     * @param string $key
     * @param int $seconds
     * @return bool false: there is none
     */
    public function touch($key, $seconds): bool
    {
        $key = (string) $key;
        do {
            $value = $this->pool->gets($key, $token);
            if (!$token) {
                return false;
            }
            if ($seconds <= 0 ? $this->pool->casDelete($key, $token) : $this->pool->casStore($key, $token, $value, $seconds)) {
                return true;
            }
            // Another process has changed it, and it is the new value that is to live longer; or there is no room, and it is gone.
        } while ($this->pool->has($key));

        return false;
    }

    /** @param string $key */
    public function forget($key): bool
    {
        return $this->pool->delete((string) $key);
    }

    /** The whole pool, in constant time; no lock. */
    public function flush(): bool
    {
        return $this->pool->clear();
    }

    public function getPrefix(): string
    {
        return $this->pool->prefix;
    }

    /**
     * @param string $name
     * @param int|string $seconds 0: until it is released; Laravel passes on what a job or a configuration says
     * @param string|null $owner
     */
    public function lock($name, $seconds = 0, $owner = null): SharedLock
    {
        return new SharedLock($this->locks, (string) $name, (int) $seconds, $owner);
    }

    /**
     * @param string $name
     * @param string $owner
     */
    public function restoreLock($name, $owner): SharedLock
    {
        return $this->lock($name, 0, $owner);
    }

    /** All locks, in constant time. */
    public function flushLocks(): bool
    {
        return $this->locks->clear();
    }

    public function hasSeparateLockStore(): bool
    {
        return true;
    }
}
