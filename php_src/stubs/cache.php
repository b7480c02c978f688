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

    /**
     * @var int
     */
    const CACHE_STORED = 1;
    /**
     * @var int
     */
    const CACHE_TOUCHED = 2;
    /**
     * @var int
     */
    const CACHE_LOST = -1;
    /**
     * What a callback returns that wants to leave things as they are. Cannot be stored by way of it.
     *
     * @var string
     */
    const CACHE_KEEP = 'CACHE_KEEP';

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
     * `lease`: if somebody rebuilds the value, the participant who does, and the deadline as a time of that kind.
     *
     * @return array{version: int, stamp: int, state: int, ttl: int|float, stale_ttl: int|float, soft: ?int, hard: ?int, size: int, type: string, tags: list<string>, hits_class: int, accessed: int, lease: array{owner: ?int, deadline: int}|null}|null
     */
    function cache_key_info(string $key): ?array {}

    /**
     * As cache_fetch(), with a token for each value: it changes whenever the value does or is invalidated, and comes again for a key only if
     * cache_inc(), cache_dec() or cache_cas() bring an integer back. Takes no lock. O(size of the value).
     *
     * @param string|array $key a key, or a list of keys
     * @param int|array|null $token 0: there is no fresh entry; an object whose class is gone has one, and may be replaced by it.
     *        Array form: one for each key
     * @return mixed the value, or false; array form: the values found, by key
     */
    function cache_gets(string|array $key, &$token = null): mixed {}

    /**
     * Stores if the entry still has that token, also if its time is over meanwhile; what was invalidated meanwhile has another one.
     * 0: if there is no fresh entry.
     *
     * @param string[] $tags
     * @return bool false: something else is there, or it could not be stored
     * @throws ValueError
     * @throws Cache\UnstorableException
     */
    function cache_cas_store(string $key, int $token, mixed $value, int|float $ttl = 0, int|float $stale_ttl = 0, array $tags = [], ?int $stamp = null): bool {}

    /** Deletes the entry if it still has that token, also if its time is over meanwhile. 0 is the token of no entry. */
    function cache_cas_delete(string $key, int $token): bool {}

    /**
     * Changes a value by a function, whatever others do meanwhile: it is called again until nobody came in between. After
     * some tries other merges of the key wait for this one. No lock is held while it runs.
     *
     * @param callable $merge fn(mixed $value, bool $found): mixed gets the fresh value, or null; returns the new one or CACHE_KEEP,
     *        which leaves the entry alone, but ends a rebuild that is under way when there is no fresh value
     * @param string[] $tags
     * @param float $wait seconds after which it gives up; it tries once at least
     * @return bool false: no room, or given up
     * @throws ValueError
     * @throws Cache\UnstorableException
     */
    function cache_merge(string $key, callable $merge, int|float $ttl = 0, int|float $stale_ttl = 0, array $tags = [], float $wait = 5): bool {}

    /**
     * Stores a value unless it is there already, with the same tags and durations: then only the stamp moves, forwards.
     *
     * @param string[] $tags
     * @param int|null $stamp when the read of the source began; null: now
     * @param int|null $token of the entry that is to be replaced; null: any, 0: if there is no fresh one
     * @return int CACHE_STORED, CACHE_TOUCHED; CACHE_LOST: what is there is newer than $stamp, or has another token; 0: it could
     *         not be stored
     * @throws ValueError
     * @throws Cache\UnstorableException
     */
    function cache_store_if_changed(string $key, mixed $value, int|float $ttl = 0, int|float $stale_ttl = 0, array $tags = [], ?int $stamp = null, ?int $token = null): int {}

    /**
     * Renews an entry, fresh or stale, by its stamp alone: one atomic exchange. Takes no lock. O(tags).
     *
     * @param int|null $expected the stamp it must have; negative: of an entry that was marked as stale then; null: any positive one
     * @param int|null $new microseconds since the epoch; null, or a time to come: now
     * @param int|null $token it must have; null: any
     * @return bool false: there is no such entry, a tag of it was invalidated, or its stamp or token is another one
     * @throws ValueError
     */
    function cache_cas_touch(string $key, ?int $expected, ?int $new = null, ?int $token = null): bool {}

    /**
     * The stamp of an entry, fresh or stale: when it was last validated, in microseconds since the epoch; negative: when it was
     * marked as stale. O(1) a key.
     *
     * @param string|array $key a key, or a list of keys
     * @return int|array<array-key, int>|false array form: of those that are there, by key
     */
    function cache_stamp(string|array $key): int|array|false {}

    /**
     * Exchanges the lock word of an entry, fresh or stale: a number that is the application's, begins with 0, and survives
     * stores. Takes no lock but at its first use. O(1).
     *
     * @param int $expected 0 to 2^62 - 1, as $new
     * @return bool false: there is no entry, or its word is another one
     * @throws ValueError
     */
    function cache_cas_lock(string $key, int $expected, int $new): bool {}

    /**
     * Many entries, fresh or stale, with their words, in one pass. Takes no lock. O(sizes of the values).
     *
     * @param array $keys strings or integers
     * @param int $min_stamp entries whose stamp is older, be it negative, come without 'value' and are not decoded
     * @param string $prefix what the entries' keys have before each of $keys; the answer has those of $keys
     * @param array|null $fields the names of those that are wanted; null: all. Without 'value' nothing is decoded
     * @return array<array-key, array{value?: mixed, stamp?: int, token?: int, lock?: int, state?: int, tags?: list<string>, accessed?: int}>
     * @throws ValueError
     */
    function cache_fetch_entries(array $keys, int $min_stamp = 0, string $prefix = '', ?array $fields = null): array {}

    /**
     * The value, also when it is stale, and who rebuilds it: exactly one of the callers, in the step in which it reads. Takes no
     * lock but for him.
     *
     * @param string|array $key a key, or a list of keys
     * @param int|array|null $state CACHE_STATE_*; array form: of each key
     * @param int|array|null $lease above 0: you rebuild it, and hand this to cache_commit(); -1: somebody else
     *        does; 0: no need
     * @param float $lease_ttl seconds after which somebody else may take over; 0: only look
     * @param float $refresh_ahead seconds before it is stale from which on a fresh value is rebuilt; negative: that part of its ttl
     * @return mixed the value, false when it is missing; array form: the values found, by key, in the order asked
     * @throws ValueError
     */
    function cache_fetch_stale(string|array $key, &$state = null, &$lease = null, float $lease_ttl = 0, float $refresh_ahead = 0, ?string $queue = null): mixed {}

    /**
     * The lease of a key, whether it has an entry or not. It ends with cache_commit(), cache_lease_release(), its deadline, the
     * request, or the process.
     *
     * @return int 0: somebody else has it
     * @throws ValueError
     */
    function cache_lease(string $key, float $lease_ttl = 30): int {}

    /** Moves the deadline to that many seconds from now. False: the lease was lost, or is void. */
    function cache_lease_extend(string $key, int $lease, float $lease_ttl): bool {}

    /** Gives a lease back: the next one who asks rebuilds. False: it was lost, or void. */
    function cache_lease_release(string $key, int $lease): bool {}

    /**
     * Stores what was rebuilt if the lease is still in force, and ends it. So a value that was read from its source before
     * somebody stored, deleted or invalidated the entry is never stored.
     *
     * @param string[] $tags
     * @throws ValueError
     * @throws Cache\UnstorableException
     */
    function cache_commit(string $key, int $lease, mixed $value, int|float $ttl = 0, int|float $stale_ttl = 0, array $tags = [], ?int $stamp = null): bool {}

    /**
     * Makes entries stale from now on, for their stale_ttl, and ends their rebuilds. Never fails for contention. O(1) a key.
     *
     * @param string|array $key a key, or a list of keys
     * @return bool|list<string> was there an entry? Array form: the keys that were not there
     */
    function cache_mark_stale(string|array $key): bool|array {}

    /**
     * The value; when there is none, or it is stale, $fn makes it: in one process at a time. A stale or aging value is returned at
     * once, and rebuilt after the response was sent; on the command line the one who rebuilds does so at once. Others wait for a
     * missing value, and make it themselves, without storing it, when that takes too long. No lock is held while $fn runs.
     *
     * @param callable $fn fn(string $key, mixed $old): mixed gets the stale value, or null; may return CACHE_KEEP to store nothing
     * @param string[] $tags
     * @param float $refresh_ahead see cache_fetch_stale()
     * @param string|null $queue what is stale or aging is rebuilt by a worker of this queue instead, as in cache_fetch_stale()
     * @param float $wait seconds
     * @param float $lease_ttl seconds that a rebuild may take
     * @throws ValueError
     * @throws Cache\UnstorableException
     */
    function cache_compute(string $key, callable $fn, int|float $ttl = 0, int|float $stale_ttl = 0, array $tags = [], float $refresh_ahead = 0, ?string $queue = null, float $wait = 5, float $lease_ttl = 30): mixed {}

    /**
     * Makes all entries that carry one of the tags stale, for their stale_ttl, and ends their rebuilds. O(tags), however many
     * entries there are. Never fails for contention.
     *
     * @param string|string[] $tags of 1 to 255 bytes
     * @param bool $hard makes them missing
     * @return int the number of different tags given; 0: the cache is disabled
     * @throws ValueError
     */
    function cache_tag_invalidate(string|array $tags, bool $hard = false): int {}

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
    function cache_lock_for_read(string $name, float $wait = 0, float $lease = 0): int|false {}

    /**
     * Acquires a named lock for writing, which excludes everybody else; else as cache_lock_for_read(). Waits behind those who
     * came before, and holds back those who come after.
     *
     * @param bool|null $recovered did the last one who held it for writing die, or lose it to its lease? What the lock
     *                             protects may be half done then. Only the next writer is told
     * @throws ValueError
     * @throws Cache\LockUpgradeException it is held for reading by this process
     */
    function cache_lock_for_write(string $name, float $wait = 0, float $lease = 0, &$recovered = null): int|false {}

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

    /**
     * Queues a job, unless one of this queue and key is there. A waiting one keeps its payload, and takes the higher priority and the
     * nearer time of both, but for one that waits for its retry, which keeps its time. A running one will run once more. A dead letter is
     * replaced. Never waits for room. O(log jobs).
     *
     * @param string $queue 1..255 bytes; up to 64 queues
     * @param mixed $payload up to 65535 bytes when serialized
     * @param float $delay seconds
     * @param int $priority of 32 bits; the higher come first, the older first within one
     * @return int 1: queued; 0: merged into a waiting job, or the cache is disabled; 2: that job is running, and will run once
     *             more; -1: no room
     * @throws ValueError
     * @throws Cache\UnstorableException
     */
    function cache_queue_push(string $queue, string $key, mixed $payload = null, float $delay = 0, int $priority = 0): int {}

    /**
     * Takes the next job, and sleeps until there is one. It is the caller's until it acknowledges or fails it, for $lease seconds, and
     * while its process lives. Handlers of signals run in between. `attempt` is 1 for the first run; `pushed_at`, in
     * microseconds since the epoch, is the last push that the run answers. O(log jobs).
     *
     * @param string|array $queue a name, or a list of 1..64 names: of a later one only if the earlier ones have none
     * @param float $wait seconds; INF: for ever
     * @param float $lease seconds; INF: while the process lives
     * @return array|null {id: int, token: int, queue: string, key: string, payload: mixed, attempt: int, pushed_at: int}
     * @throws ValueError
     */
    function cache_queue_pop(string|array $queue, float $wait = 0, float $lease = 60): ?array {}

    /** The lease ends that many seconds from now. False: it is lost, or the job is not running any more. */
    function cache_queue_extend(int $id, int $token, float $lease): bool {}

    /** The job is done. False: the lease was lost, and somebody else has the job, or had it. */
    function cache_queue_ack(int $id, int $token): bool {}

    /**
     * The job is to run once more: after $retry_in seconds, or after 1, 2, 4 ... 300 seconds, of which up to a half is left out by
     * chance. After cache.queue_max_attempts runs it is a dead letter.
     *
     * @param string|null $error of which 184 bytes are kept
     * @return bool false: the lease was lost
     * @throws ValueError
     */
    function cache_queue_fail(int $id, int $token, ?string $error = null, ?float $retry_in = null): bool {}

    /**
     * How a queue is doing: what waits, is delayed, runs, is dead, what happened since the segment was made; the age of the oldest waiting
     * job in seconds; and how many processes ask for jobs. Of all queues by name, if none is given. O(jobs).
     *
     * @return array<string, mixed> {waiting: int, delayed: int, running: int, dead: int, pushed: int, merged: int, again: int, acked: int, failed: int, lease_lost: int, full: int, dropped: int, oldest_age: float, workers: int}
     * @throws ValueError
     */
    function cache_queue_info(?string $queue = null): array {}

    /**
     * The jobs that have failed for good, the latest first. A payload that cannot be decoded is null. O(jobs).
     *
     * @return list<array> {id: int, key: string, payload: mixed, attempt: int, pushed_at: int, died_at: int, error: string}
     * @throws ValueError
     */
    function cache_queue_dead(string $queue, int $limit = 100): array {}

    /** Queues dead letters anew: that of a key, or all. Returns how many. O(jobs). */
    function cache_queue_revive(string $queue, ?string $key = null): int {}

    /** Removes what waits and is delayed, or with $dead the dead letters; what runs is not touched. Returns how many. O(jobs). */
    function cache_queue_purge(string $queue, bool $dead = false): int {}
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
     * What cache_compute() has put off until the response was sent.
     *
     * @internal
     */
    final class Rebuilds
    {
        private function __construct() {}

        public static function run(): void {}
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
         * The fields of cache_key_info() but 'lease', 'key', and 'value' if asked for.
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
