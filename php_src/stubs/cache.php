<?php

/*
 * The extension "cache" as IDEs and static analysers need it: declarations only, never to be loaded.
 * Made by scripts/ide-stub from ext/zend/cache.stub.php.
 *
 * SPDX-License-Identifier: MIT
 */

namespace {
    /**
     * @var int
     */
    const CACHE_STATE_MISSING = 0;
    /**
     * @var int
     */
    const CACHE_STATE_FRESH = 1;
    /**
     * @var int
     */
    const CACHE_STATE_AGING = 2;
    /**
     * @var int
     */
    const CACHE_STATE_STALE = 3;

    /** Is the cache to be had by this process? Attaches to the segment if that has not happened yet. O(1). */
    function cache_enabled(): bool {}

    /**
     * Stores one value, or the pairs of an array, each for itself. O(size of the value).
     *
     * @param string|array $key 1 to 65535 bytes; or an array of values by key, which leaves $value out
     * @param int|float $ttl seconds the value is fresh; 0: without limit
     * @param int|float $stale_ttl seconds it is kept as stale after that; 0: none, INF: without limit
     * @param string[] $tags at most 16, of 1 to 255 bytes
     * @param int|null $stamp microseconds since the epoch of the validation; null: now
     * @return bool|list<string> false: no room, or the cache is disabled; array form: the keys that failed
     * @throws ValueError an argument is out of range
     * @throws Cache\UnstorableException nothing was stored
     */
    function cache_store(string|array $key, mixed $value = null, int|float $ttl = 0, int|float $stale_ttl = 0, array $tags = [], ?int $stamp = null): bool|array {}

    /**
     * As cache_store(), for keys of which cache_exists() is false. On an existing key it is a pure read.
     *
     * @param string|array $key a key, or an array of values by key
     * @param string[] $tags
     * @return bool|list<string> false: there is a fresh entry, or it could not be stored
     * @throws ValueError
     * @throws Cache\UnstorableException
     */
    function cache_add(string|array $key, mixed $value = null, int|float $ttl = 0, int|float $stale_ttl = 0, array $tags = [], ?int $stamp = null): bool|array {}

    /**
     * The value, false when there is no fresh one. Takes no lock. O(size of the value).
     *
     * @param string|array $key a key, or a list of keys (strings or integers)
     * @param bool|null $success was there a fresh entry? Array form: was there at least one?
     * @return mixed array form: the values found, by key, in the order asked
     */
    function cache_fetch(string|array $key, &$success = null): mixed {}

    /**
     * Is there a fresh entry? Takes no lock. O(1) a key.
     *
     * @param string|array $key a key, or a list of keys (strings or integers)
     * @return bool|array<array-key, true> array form: the keys that are there
     */
    function cache_exists(string|array $key): bool|array {}

    /**
     * Removes entries, fresh or stale. Never fails for contention. O(1) a key.
     *
     * @param string|array|Cache\EntryIterator $key a key, a list of keys (strings or integers), or an iterator: all that it yields from its beginning
     * @return bool|list<string> was there an entry? Array form: the keys that were not there. Iterator: true
     */
    function cache_delete(string|array|Cache\EntryIterator $key): bool|array {}

    /**
     * Adds to an integer, atomically. A missing key starts at 0.
     *
     * @param bool|null $success
     * @param int|float $ttl seconds, for a key that is missing
     * @return int|false the new integer; false: no integer, or it would overflow; the value is unchanged
     */
    function cache_inc(string $key, int $step = 1, &$success = null, int|float $ttl = 0): int|false {}

    /**
     * Subtracts from an integer; else as cache_inc().
     *
     * @param bool|null $success
     */
    function cache_dec(string $key, int $step = 1, &$success = null, int|float $ttl = 0): int|false {}

    /** Exchanges an integer if it is $old. Inserts nothing, takes no write lock. */
    function cache_cas(string $key, int $old, int $new): bool {}

    /** Empties the cache for all of its processes. O(1); memory is reclaimed as it is needed. */
    function cache_clear(): bool {}

    /**
     * The state of the segment and its counters. O(processes + shards).
     *
     * @param bool $limited leaves the histograms out
     * @return array<string, mixed>
     */
    function cache_info(bool $limited = false): array {}

    /**
     * What is known about an entry, fresh or stale; null when there is none. Counts as no access. Times in
     * microseconds since the epoch (null: never), durations in seconds as in cache_store(), `accessed` in seconds.
     *
     * @return array{version: int, stamp: int, state: int, ttl: int|float, stale_ttl: int|float, soft: ?int, hard: ?int, size: int, type: string, tags: list<string>, hits_class: int, accessed: int}|null
     */
    function cache_key_info(string $key): ?array {}

    /**
     * Acquires a named lock for reading, which many may hold at once. Whoever holds it already, for reading or writing, is
     * given it again, with the same token, and must release it as often. Whoever came before and waits to write comes
     * first. O(processes), 256 locks at most, 30 held by one process.
     *
     * @param string $name 1 to 65535 bytes
     * @param float $wait seconds to wait at most; 0: not at all, INF: without limit
     * @param float $lease seconds after which whoever wants the lock may take it over; 0: only when the holder's process has died
     * @return int|false a fencing token > 0, greater than all before it; false: not to be had in time, too many locks, or
     *                   the cache is disabled
     * @throws ValueError
     */
    function cache_lock_for_read(string $name, float $wait = 0.0, float $lease = 0.0): int|false {}

    /**
     * Acquires a named lock for writing, which excludes everybody else; else as cache_lock_for_read(). Waits behind those who
     * came before, and holds back those who come after.
     *
     * @param bool|null $recovered did the last one who held it for writing die, or lose it to its lease? What the lock
     *                             protects may be half done then. Only the next writer is told
     * @throws ValueError
     * @throws Cache\LockUpgradeException it is held for reading by this process
     */
    function cache_lock_for_write(string $name, float $wait = 0.0, float $lease = 0.0, &$recovered = null): int|false {}

    /**
     * Undoes the last acquisition of a named lock. The end of the request releases all that are left.
     *
     * @return bool false: not held by this request, or lost to its lease
     * @throws ValueError
     */
    function cache_lock_release(string $name): bool {}

    /**
     * The named locks that somebody holds, waits for to write, or died with: by name, or the one of that name, [] if there
     * is no such. `token`: the last one given out; `waiting`: a writer waits; `abandoned`: the next writer's $recovered; `lease_left`:
     * seconds until all of its holders can be replaced, null if one has no lease. O(locks x processes).
     *
     * @return array<string, mixed> {writer: bool, readers: int, waiting: bool, token: int, held_by_me: 'read'|'write'|null, count: int, abandoned: bool, lease_left: ?float}
     * @throws ValueError
     */
    function cache_lock_info(?string $name = null): array {}
}

namespace Cache {
    class CacheException extends \Exception
    {
    }

    /** A value that cannot be cached; the message names the path to the culprit. */
    class UnstorableException extends CacheException
    {
    }

    /** A lock that is held for reading was to be acquired for writing: two that did so would wait for each other for ever. */
    class LockUpgradeException extends CacheException
    {
    }

    /**
     * Walks the entries, fresh and stale, without a lock. A key that is there during the whole walk comes exactly once.
     */
    final class EntryIterator implements \Iterator, \Countable
    {
        /**
         * @param string|null $prefix of the keys
         * @param string|null $pattern a PCRE that keys must match, with delimiters
         * @param bool $values shall the entries have their 'value'?
         * @param int $chunk how many entries are read ahead, at least 1
         * @throws \ValueError
         */
        public function __construct(?string $prefix = null, ?string $pattern = null, bool $values = false, int $chunk = 100) {}

        /**
         * The fields of cache_key_info(), 'key', and 'value' if asked for.
         *
         * @return array<string, mixed>|null null behind the end
         */
        public function current(): ?array {}

        public function key(): ?string {}

        public function next(): void {}

        public function rewind(): void {}

        public function valid(): bool {}

        /** Entries that match, counted by a walk of its own. O(entries). */
        public function count(): int {}
    }
}
