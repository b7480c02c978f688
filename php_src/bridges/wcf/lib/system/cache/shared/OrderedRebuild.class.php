<?php

/*
 * Part of the bridge from WoltLab Suite Core to the PHP extension "cache".
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
declare(strict_types=1);

namespace wcf\system\cache\shared;

use SharedCache\Lease;
use SharedCache\Pool;
use SharedCache\State;

/**
 * Rebuilds a value after a change of its source, so that no older one wins, however the rebuilds of several changes overlap.
 *
 * 1. Mark the value as stale: from now on no lease that was granted before is good for a commit. So whatever is fresh after
 *    this was read from the source after our change. Readers are served the stale value.
 * 2. Take the lock. One builds at a time; those who wait for it find what the one before them has made, if that began after
 *    their marks: N changes at once lead to two builds. The lock makes builds fewer; the order does not depend on it, so
 *    whoever waits too long goes on without.
 * 3. Take the lease, the ticket of this rebuild, and only then read the source.
 * 4. Commit. It is refused if somebody has marked the value since: he rebuilds, and his ticket is higher. What was built is stored
 *    all the same, as stale, since it is newer than what is there: changes that come faster than builds would else keep
 *    readers at the first value for ever.
 *
 * Whoever dies on the way leaves a value that is stale, without lock and lease: the next reader sees that.
 *
 * @internal
 */
final class OrderedRebuild
{
    /** Without the lock, a value may be stored under us: how often to begin anew. */
    private const ROUNDS = 3;
    /** Each is lost to a mark in between. */
    private const TRIES = 100;
    /**
     * A value that has this ttl, in seconds, and whose stamp is put back by that many microseconds, is past its time when it is
     * stored: the clock of the cache goes in steps of milliseconds, and what is ahead of it counts as of now.
     */
    private const BORN_STALE = 1e-6;
    private const PUT_BACK = 1_000_000;

    private readonly SharedCacheSettings $settings;

    /**
     * @param \Closure(): array{int, array<mixed>|object} $build see AbstractSharedCache::produce()
     * @param int $ttl seconds; 0: without limit
     */
    public function __construct(
        private readonly Pool $pool,
        private readonly string $key,
        private readonly \Closure $build,
        private readonly int $ttl,
    ) {
        $this->settings = SharedPool::settings();
    }

    /** Is somebody at it, or about to be? */
    public static function isUnderWay(Pool $pool, string $key): bool
    {
        $lock = $pool->lockForRead(self::lockName($key));
        $lock?->release();

        return $lock === null;
    }

    public function run(): void
    {
        $this->pool->markStale($this->key);
        // It ends with this object at the latest, also when the builder throws.
        $lock = $this->pool->lockForWrite(self::lockName($this->key), $this->settings->wait, $this->settings->lease);
        for ($round = 0; $round < self::ROUNDS; $round++) {
            $lease = $this->lease();
            if ($lease === null) {
                return;
            }
            $value = ($this->build)();
            if ($lease->commit($value, $this->ttl, \INF)) {
                return;
            }
            if ($lock !== null) {
                $this->storeAsStale($value);

                return;
            }
        }
    }

    /** Null: nothing is left to do, since somebody who began after our mark has stored a value, or will. */
    private function lease(): ?Lease
    {
        $until = \hrtime(true) + $this->settings->wait * 1e9;
        for ($pause = 500; !$this->pool->has($this->key); $pause = \min(2 * $pause, 20_000)) {
            $lease = $this->pool->lease($this->key, $this->settings->lease);
            if ($lease !== null) {
                return $this->pool->has($this->key) ? null : $lease;
            }
            if (\hrtime(true) > $until || !Pool::isEnabled()) {
                return null;
            }
            \usleep($pause);
        }

        return null;
    }

    /**
     * Whoever has marked the value waits for our lock, and finds a value that is still stale. One that began later is left
     * alone: a reader or a worker may have stored it without the lock.
     *
     * @param array{int, array<mixed>|object} $value
     */
    private function storeAsStale(array $value): void
    {
        $stamp = $value[0] - self::PUT_BACK;
        for ($try = 0; $try < self::TRIES; $try++) {
            $entry = $this->pool->entries([$this->key])[$this->key] ?? null;
            if (
                $entry?->state !== State::Stale
                || $entry->value[0] >= $value[0]
                || $this->pool->casStore($this->key, $entry->token, $value, self::BORN_STALE, \INF, stamp: $stamp)
            ) {
                return;
            }
        }
    }

    private static function lockName(string $key): string
    {
        return "rebuild:$key";
    }
}
