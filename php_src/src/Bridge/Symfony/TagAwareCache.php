<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Bridge\Symfony;

use SharedCache\Lease;
use SharedCache\Log\Logger;
use SharedCache\Lookup;
use SharedCache\Pool;
use SharedCache\Psr\CacheItem;
use SharedCache\Psr\CacheItemPool;
use SharedCache\Psr\InvalidArgumentException;
use Symfony\Contracts\Cache\ItemInterface;
use Symfony\Contracts\Cache\TagAwareCacheInterface;

/**
 * symfony/cache-contracts 2.5 or 3, over PSR-6: get() with a callback, tags, and metadata.
 *
 * One process at a time makes a value. Meanwhile the others get the old one, where the pool keeps stale values (staleTtl) or the
 * item is rebuilt before its end (beta); where there is none they wait for it.
 *
 * The pool must have a prefix that nothing else uses, since what is stored is the value with its metadata.
 */
final class TagAwareCache extends CacheItemPool implements TagAwareCacheInterface
{
    /** @var array<array-key, true> keys whose callback runs in this process */
    private array $computing = [];

    /**
     * @param Logger|null $logger null: PHP's error log
     * @param float $wait seconds for a missing value that another process makes; then it is made here, too, and not stored
     * @param float $leaseTtl seconds that a callback may run before another process takes over
     * @throws \InvalidArgumentException the pool has a queue: a worker cannot run a callback of this process
     */
    public function __construct(
        Pool $pool,
        ?Logger $logger = null,
        private readonly float $wait = 5,
        private readonly float $leaseTtl = 30,
    ) {
        if ($pool->queue !== null) {
            throw new \InvalidArgumentException('A worker cannot run the callbacks of get(): give it a pool without a queue');
        }
        parent::__construct($pool, $logger);
    }

    /**
     * @param callable(ItemInterface, bool): mixed $callback may set expiry and tags of the item, and the second argument, by
     *     reference, to false: then its value is not stored
     * @param float|null $beta the higher, the earlier it is made anew before its end, by chance: see Pool::randomAhead(). 0: never
     *     before; INF: now; null: 1
     * @param array|null $metadata see Item::getMetadata()
     * @throws InvalidArgumentException
     */
    public function get(string $key, callable $callback, ?float $beta = null, ?array &$metadata = null): mixed
    {
        $beta ??= 1.0;
        if (!($beta >= 0)) {
            throw new InvalidArgumentException("\$beta must not be negative, $beta given");
        }
        if ($this->deferred) {
            $this->commit();
        }
        try {
            $stored = $this->pool->get($key);
        } catch (\Throwable $error) {
            $this->forget($key, $error);
            $stored = null;
        }
        $found = \is_array($stored);
        // Pool::randomAhead() is never above 22 times cost and beta: mostly no random number is needed.
        $isEarly = $found && $stored[1] !== null
            && ($left = $stored[1] - \microtime(true)) <= 0.022 * $stored[2] * $beta
            && $left <= Pool::randomAhead($stored[2] / 1000, $beta);
        if ($found && !$isEarly && $beta !== \INF) {
            if (\func_num_args() > 3) {
                $metadata = self::metadata($stored);
            }

            return $stored[0];
        }
        $this->check($key);
        if ($beta === INF || isset($this->computing[$key])) {
            return $this->compute($this->item($key, $stored), $callback, null, $beta === INF, $metadata);
        }

        $lookup = $this->lookup($key, $found ? INF : 0);
        if ($lookup->lease === null && \is_array($lookup->value)) {
            $metadata = self::metadata($lookup->value);

            return $lookup->value[0];
        }

        return $this->compute($this->item($key, $stored), $callback, $lookup->lease, false, $metadata);
    }

    /** @throws InvalidArgumentException */
    public function delete(string $key): bool
    {
        return $this->deleteItem($key);
    }

    /** @param string $prefix of the keys: O(entries of the cache); '': all, O(1) */
    public function clear(string $prefix = ''): bool
    {
        if ($prefix === '') {
            return parent::clear();
        }
        $this->deferred = \array_filter(
            $this->deferred,
            static fn (CacheItem $item): bool => !\str_starts_with($item->getKey(), $prefix),
        );

        return $this->pool->deleteByPrefix($prefix);
    }

    protected function hit(string $key, mixed $stored): CacheItem
    {
        return $this->item($key, $stored);
    }

    protected function miss(string $key): CacheItem
    {
        return new Item($key);
    }

    protected function store(CacheItem $item): bool
    {
        $stored = parent::store($item);
        if ($stored && $item instanceof Item) {
            $item->setMetadata(self::metadata($this->packed($item)));
        }

        return $stored;
    }

    /** @return array{mixed, ?float, int, list<string>} value, expiry, milliseconds that it took, tags */
    protected function packed(CacheItem $item): array
    {
        $ttl = $item->ttl() ?? ($this->pool->ttl ?: null);

        return [
            $item->get(),
            $ttl === null || \is_infinite($ttl) ? null : \round(\microtime(true) + $ttl, 3),
            $item instanceof Item ? $item->cost() : 0,
            $item->tags(),
        ];
    }

    private function lookup(string $key, float $refreshAhead): Lookup
    {
        try {
            return $this->pool->fetch($key, $this->leaseTtl, $refreshAhead, $this->wait);
        } catch (\Throwable $error) {
            $this->forget($key, $error);

            return $this->pool->fetch($key, $this->leaseTtl);
        }
    }

    /** A value does not come back: it is not to stand in the way of the next one. */
    private function forget(string $key, \Throwable $error): void
    {
        $this->report('was not fetched', $key, $error);
        $this->pool->delete($key);
    }

    /** The callback's value. It is stored if the lease is in force; without a lease only if $store. */
    private function compute(Item $item, callable $callback, ?Lease $lease, bool $store, ?array &$metadata): mixed
    {
        $key = $item->getKey();
        $metadata = $item->getMetadata();
        $nested = isset($this->computing[$key]);
        $this->computing[$key] = true;
        $stamp = Pool::now();
        $save = true;
        try {
            $value = $callback($item, $save);
        } finally {
            if (!$nested) {
                unset($this->computing[$key]);
            }
        }
        $item->set($value);
        $item->setCost((int) \ceil((Pool::now() - $stamp) / 1000));
        if ($save && ($lease !== null || $store)) {
            $this->keep($item, $lease, $stamp);
        }

        return $value;
    }

    private function keep(Item $item, ?Lease $lease, int $stamp): void
    {
        $ttl = $item->ttl();
        if ($ttl !== null && $ttl <= 0) {
            $this->pool->delete($item->getKey());

            return;
        }
        try {
            if ($lease !== null) {
                $lease->commit($this->packed($item), self::since($stamp, $ttl), null, $item->tags(), $stamp);
            } else {
                $this->pool->set($item->getKey(), $this->packed($item), self::since($stamp, $ttl), null, $item->tags(), $stamp);
            }
        } catch (\Throwable $error) {
            $this->report('was not stored', $item->getKey(), $error);
        }
    }

    /** The ttl of a stamp that lies in the past, for what is to expire in that many seconds from now. */
    private static function since(int $stamp, ?float $ttl): ?float
    {
        return $ttl === null ? null : $ttl + (Pool::now() - $stamp) / 1e6;
    }

    private function item(string $key, mixed $stored): Item
    {
        return \is_array($stored) ? Item::found($key, $stored[0], self::metadata($stored)) : new Item($key);
    }

    /** @param array{mixed, ?float, int, list<string>} $stored */
    private static function metadata(array $stored): array
    {
        $metadata = [];
        if ($stored[1] !== null) {
            $metadata['expiry'] = $stored[1];
        }
        if ($stored[2] > 0) {
            $metadata['ctime'] = $stored[2];
        }
        foreach ($stored[3] as $tag) {
            $metadata['tags'][$tag] = $tag;
        }

        return $metadata;
    }
}
