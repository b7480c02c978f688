<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Psr;

use Psr\Cache\CacheItemInterface;
use Psr\Cache\CacheItemPoolInterface;
use SharedCache\Log\Logger;
use SharedCache\Pool;

/**
 * PSR-6, with psr/cache 1, 2 or 3, and tags. What the pool keeps as stale is no hit here.
 *
 * Deferred items are stored by commit(), or at the end of this object. Methods return false where the cache is disabled or has
 * no room, and for a value that cannot be cached, which is logged.
 */
class CacheItemPool implements CacheItemPoolInterface
{
    use ReportsFailures;

    /** @var array<array-key, CacheItem> */
    protected array $deferred = [];
    private ?int $process = null;

    /** @param Logger|null $logger null: PHP's error log */
    public function __construct(protected readonly Pool $pool, ?Logger $logger = null)
    {
        $this->logger = $logger;
    }

    /**
     * @param string $key
     * @throws InvalidArgumentException
     */
    public function getItem($key): CacheItem
    {
        if (!\is_string($key)) {
            $this->check($key);
        }
        if ($this->deferred && isset($this->deferred[$key])) {
            return $this->deferredItem($this->deferred[$key]);
        }
        try {
            $stored = $this->pool->get($key, null, $found);
        } catch (\Throwable $error) {
            $this->check($key);
            $this->report('was not fetched', $key, $error);
            $found = false;
        }
        if ($found) {
            return $this->hit($key, $stored); // What save() refuses is not there: so a hit needs no look at the key.
        }
        $this->check($key);

        return $this->miss($key);
    }

    /**
     * @param string[] $keys
     * @return \Generator<string, CacheItem> by key: strings, also those that look like numbers
     * @throws InvalidArgumentException
     */
    public function getItems(array $keys = []): iterable
    {
        \array_map($this->check(...), $keys);
        try {
            $stored = $this->pool->getMulti($keys);
        } catch (\Throwable) {
            $stored = null; // One of them fails: one by one.
        }

        return $this->each($keys, $stored);
    }

    /**
     * @param string $key
     * @throws InvalidArgumentException
     */
    public function hasItem($key): bool
    {
        $this->check($key);

        return isset($this->deferred[$key])
            ? ($this->deferred[$key]->ttl() ?? 1) > 0
            : $this->pool->has($key);
    }

    /** The whole pool, in constant time, and what was deferred. */
    public function clear(): bool
    {
        $this->deferred = [];

        return $this->pool->clear();
    }

    /**
     * @param string $key
     * @return bool true also if there was nothing; false: the cache is disabled
     * @throws InvalidArgumentException
     */
    public function deleteItem($key): bool
    {
        $this->check($key);
        unset($this->deferred[$key]);

        return $this->pool->delete($key) || Pool::isEnabled();
    }

    /**
     * @param string[] $keys
     * @return bool as deleteItem()
     * @throws InvalidArgumentException
     */
    public function deleteItems(array $keys): bool
    {
        foreach ($keys as $key) {
            $this->check($key);
        }
        foreach ($keys as $key) {
            unset($this->deferred[$key]);
        }

        return \count($this->pool->deleteMulti($keys)) < \count($keys) || Pool::isEnabled();
    }

    /** @return bool false: it was not stored, or is of another library */
    public function save(CacheItemInterface $item): bool
    {
        if (!$item instanceof CacheItem) {
            return false;
        }
        unset($this->deferred[$item->getKey()]);

        return $this->store($item);
    }

    /** @return bool false: it is of another library */
    public function saveDeferred(CacheItemInterface $item): bool
    {
        if (!$item instanceof CacheItem) {
            return false;
        }
        $this->process ??= \getmypid();
        $this->deferred[$item->getKey()] = clone $item;

        return true;
    }

    /** @return bool false: at least one was not stored */
    public function commit(): bool
    {
        $done = true;
        foreach ($this->deferred as $item) {
            $done = $this->store($item) && $done;
        }
        $this->deferred = [];

        return $done;
    }

    /**
     * Items that were saved with one of the tags are no hits any more, however many they are, in constant time. Deferred ones are
     * committed after it: so new values replace old ones without a gap in which somebody stores an old one again.
     *
     * @param string[] $tags
     * @return bool false: the cache is disabled
     * @throws InvalidArgumentException
     */
    public function invalidateTags(array $tags): bool
    {
        foreach ($tags as $tag) {
            $fault = Arguments::fault($tag);
            if ($fault !== null) {
                throw new InvalidArgumentException("The tag $fault");
            }
        }
        $done = $this->pool->invalidateTags($tags);

        return $this->commit() && $done;
    }

    /** The item of a value that was found in the pool. */
    protected function hit(string $key, mixed $stored): CacheItem
    {
        return new CacheItem($key, $stored, true);
    }

    protected function miss(string $key): CacheItem
    {
        return new CacheItem($key);
    }

    /** What is stored of an item. */
    protected function packed(CacheItem $item): mixed
    {
        return $item->get();
    }

    protected function store(CacheItem $item): bool
    {
        $key = $item->getKey();
        $ttl = $item->ttl();
        if ($ttl !== null && $ttl <= 0) {
            return $this->pool->delete($key) || Pool::isEnabled();
        }
        try {
            return $this->pool->set($key, $this->packed($item), $ttl, tags: $item->tags());
        } catch (\Throwable $error) {
            $this->report('was not stored', $key, $error);

            return false;
        }
    }

    /** @throws InvalidArgumentException */
    protected function check(mixed $key): void
    {
        $fault = Arguments::fault($key);
        if ($fault !== null) {
            throw new InvalidArgumentException("The key $fault");
        }
    }

    private function deferredItem(CacheItem $item): CacheItem
    {
        $key = $item->getKey();

        return ($item->ttl() ?? 1) > 0 ? $this->hit($key, $this->packed($item)) : $this->miss($key);
    }

    /**
     * @param string[] $keys
     * @param array<array-key, mixed>|null $stored
     * @return \Generator<string, CacheItem>
     */
    private function each(array $keys, ?array $stored): \Generator
    {
        foreach ($keys as $key) {
            if ($stored === null || isset($this->deferred[$key])) {
                yield $key => $this->getItem($key);
            } else {
                yield $key => \array_key_exists($key, $stored) ? $this->hit($key, $stored[$key]) : $this->miss($key);
            }
        }
    }

    public function __destruct()
    {
        if ($this->deferred && $this->process === \getmypid()) {
            $this->commit();
        }
    }
}
