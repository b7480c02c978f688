<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache;

/**
 * A part of the cache: keys with a prefix, tags of its own, default durations, and a clear() in constant time. Pools of the same
 * prefix are the same part, in all processes. Objects are cheap, and hold nothing but their settings.
 *
 * Durations are seconds, int or float; a ttl or staleTtl of null means the pool's, 0 without limit or none. Stamps are
 * microseconds since the epoch; now() makes one. When the extension is disabled the pool is an empty cache: reads find nothing,
 * writes return false, compute() computes.
 *
 * Everywhere: \ValueError for a key of more than 65,535 bytes with its prefix, a negative duration, or more than 16 tags with the
 * pool's; \Cache\UnstorableException for a value that cannot be cached, with the path to the culprit.
 */
final class Pool
{
    /** What a callback returns that wants to leave things as they are: CACHE_KEEP, also where the extension is not loaded. */
    public const KEEP = "\x7fCACHE_KEEP\x7f";
    /** Bytes of a prefix, and of a tag with its prefix. Longer ones are hashed. */
    private const MAX_PREFIX = 128;
    private const MAX_TAG = 255;

    /** What the pool's keys begin with: the escaped prefix, and ":". */
    public readonly string $prefix;
    private readonly int $prefixLength;
    private readonly string $tagPrefix;
    /** Every entry carries it: clear() invalidates it. No other tag has no ":". */
    private readonly string $poolTag;
    /** @var list<string> what every entry carries */
    private readonly array $tags;

    /**
     * @param string $prefix as "forum"; ":" and "%" in it are escaped, see Key, so that no pool has keys of another one
     * @param int|float $ttl seconds an entry is fresh, if the call does not say; 0: without limit
     * @param int|float $staleTtl seconds it is kept as stale after that; INF: without limit
     * @param list<string> $tags that every entry gets, beside those of the call
     * @param string|null $queue fetch() and compute() leave rebuilds of stale and aging values to the workers of this queue
     * @param string|null $tagSpace pools of the same tag space share their tags; null: the prefix
     * @throws ExtensionMissingException
     */
    public function __construct(
        string $prefix,
        public readonly int|float $ttl = 0,
        public readonly int|float $staleTtl = 0,
        array $tags = [],
        public readonly ?string $queue = null,
        ?string $tagSpace = null,
    ) {
        if (!\function_exists('cache_fetch')) {
            throw new ExtensionMissingException();
        }
        if ($prefix === '') {
            throw new \InvalidArgumentException('A pool needs a prefix, which tells its keys from those of others');
        }
        if (!($ttl >= 0 && $staleTtl >= 0)) {
            throw new \InvalidArgumentException('A duration must not be negative');
        }
        $name = Key::fit(Key::escape($prefix), self::MAX_PREFIX);
        $this->prefix = "$name:";
        $this->prefixLength = \strlen($this->prefix);
        $this->tagPrefix = $tagSpace === null ? $this->prefix : Key::fit(Key::escape($tagSpace), self::MAX_PREFIX) . ':';
        $this->poolTag = $name;
        $this->tags = [$name, ...\array_map($this->tag(...), \array_values($tags))];
    }

    /** Microseconds since the epoch: the stamp of what is read from its source after this. */
    public static function now(): int
    {
        return (int) (\microtime(true) * 1e6);
    }

    /** Is the cache to be had by this process? */
    public static function isEnabled(): bool
    {
        return \function_exists('cache_enabled') && \cache_enabled();
    }

    /** The fresh value. Takes no lock. */
    public function get(string $key, mixed $default = null, ?bool &$found = null): mixed
    {
        $value = \cache_fetch($this->prefix . $key, $found);

        return $found ? $value : $default;
    }

    /**
     * Many in one call.
     *
     * @param iterable<string|int> $keys
     * @return array<array-key, mixed> the fresh values by key, in the order asked; no element for what is missing
     */
    public function getMulti(iterable $keys): array
    {
        return $this->withoutPrefix(\cache_fetch($this->withPrefix($keys)) ?: []);
    }

    /** Is there a fresh value? */
    public function has(string $key): bool
    {
        return \cache_exists($this->prefix . $key);
    }

    /**
     * @param iterable<string|int> $keys
     * @return array<array-key, true> those that have a fresh value
     */
    public function hasMulti(iterable $keys): array
    {
        return $this->withoutPrefix(\cache_exists($this->withPrefix($keys)) ?: []);
    }

    /**
     * @param list<string> $tags
     * @param int|null $stamp when the read of the source began: a value that is older than the last invalidation of one of its
     *     tags, or than the last clear(), is never seen; null: now
     * @return bool false: no room, or the cache is disabled; what was there is gone
     */
    public function set(
        string $key,
        mixed $value,
        int|float|null $ttl = null,
        int|float|null $staleTtl = null,
        array $tags = [],
        ?int $stamp = null,
    ): bool {
        return \cache_store(
            $this->prefix . $key,
            $value,
            $ttl ?? $this->ttl,
            $staleTtl ?? $this->staleTtl,
            $tags ? $this->tagged($tags) : $this->tags,
            $stamp,
        );
    }

    /**
     * @param iterable<array-key, mixed> $values by key
     * @param list<string> $tags
     * @return list<string> the keys that failed. When a value throws, none was stored
     */
    public function setMulti(
        iterable $values,
        int|float|null $ttl = null,
        int|float|null $staleTtl = null,
        array $tags = [],
        ?int $stamp = null,
    ): array {
        $all = [];
        foreach ($values as $key => $value) {
            $all[$this->prefix . $key] = $value;
        }
        if (!$all) {
            return [];
        }
        $failed = \cache_store(
            $all,
            ttl: $ttl ?? $this->ttl,
            stale_ttl: $staleTtl ?? $this->staleTtl,
            tags: $this->tagged($tags),
            stamp: $stamp,
        );

        return $this->listed(\is_array($failed) ? $failed : \array_keys($all));
    }

    /**
     * Stores unless there is a fresh value; on an existing one it only reads.
     *
     * @param list<string> $tags
     * @return bool did this call store it?
     */
    public function add(
        string $key,
        mixed $value,
        int|float|null $ttl = null,
        int|float|null $staleTtl = null,
        array $tags = [],
        ?int $stamp = null,
    ): bool {
        return \cache_add(
            $this->prefix . $key,
            $value,
            $ttl ?? $this->ttl,
            $staleTtl ?? $this->staleTtl,
            $tags ? $this->tagged($tags) : $this->tags,
            $stamp,
        );
    }

    /** @return bool was there an entry, fresh or stale? */
    public function delete(string $key): bool
    {
        return \cache_delete($this->prefix . $key);
    }

    /**
     * @param iterable<string|int> $keys
     * @return list<string> those that were not there
     */
    public function deleteMulti(iterable $keys): array
    {
        $keys = $this->withPrefix($keys);
        $missing = \cache_delete($keys);

        return $this->listed(\is_array($missing) ? $missing : $keys);
    }

    /** Deletes what begins with $start. O(entries of the cache); for whole groups, tags are cheaper. */
    public function deleteByPrefix(string $start): bool
    {
        return \cache_delete(new \Cache\EntryIterator($this->prefix . $start));
    }

    /**
     * The value; when there is none, or it is stale, $make makes it, in one process at a time. A stale or aging value is
     * returned at once, and rebuilt after the response was sent, or by a worker if the pool has a queue; on the command line at
     * once. Others wait for a missing value, and make it themselves, without storing it, when that takes too long.
     *
     * @param callable(string, mixed): mixed $make gets the key and the stale value or null; may return Pool::KEEP to store nothing
     * @param list<string> $tags
     * @param float $refreshAhead seconds before the end of the ttl from which on it is rebuilt; negative: that part of the ttl;
     *     randomAhead() for a threshold by chance
     * @param float $wait seconds for a value that another process makes
     * @param float $leaseTtl seconds that a rebuild may take
     */
    public function compute(
        string $key,
        callable $make,
        int|float|null $ttl = null,
        int|float|null $staleTtl = null,
        array $tags = [],
        float $refreshAhead = 0,
        float $wait = 5,
        float $leaseTtl = 30,
    ): mixed {
        return \cache_compute(
            $this->prefix . $key,
            static fn (string $full, mixed $old): mixed => $make($key, $old),
            $ttl ?? $this->ttl,
            $staleTtl ?? $this->staleTtl,
            $tags ? $this->tagged($tags) : $this->tags,
            $refreshAhead,
            $this->queue,
            $wait,
            $leaseTtl,
        );
    }

    /**
     * A $refreshAhead that spreads the rebuilds of several processes or machines by chance, most of them near the end: XFetch,
     * from Vattani, Chierichetti and Lowenstein, "Optimal Probabilistic Cache Stampede Prevention" (2015).
     *
     * @param float $cost seconds that a rebuild takes
     * @param float $beta above 1 earlier, below 1 later
     */
    public static function randomAhead(float $cost, float $beta = 1.0): float
    {
        return -$cost * $beta * \log(\mt_rand(1, \mt_getrandmax()) / \mt_getrandmax());
    }

    /**
     * The value, also when it is stale, and who rebuilds it. Where that is time, exactly one caller gets a lease; or a worker
     * gets a job, if the pool has a queue.
     *
     * @param float $leaseTtl seconds after which somebody else may take over
     * @param float $refreshAhead see compute()
     * @param float $wait seconds for a missing value that another process makes; not with a queue
     */
    public function fetch(string $key, float $leaseTtl = 30, float $refreshAhead = 0, float $wait = 0): Lookup
    {
        $value = \cache_fetch_stale($this->prefix . $key, $state, $lease, $leaseTtl, $refreshAhead, $this->queue);
        if ($state === 1) {
            return new Lookup($value, State::Fresh); // the frequent case
        }
        if ($state === 0 && $lease === -1 && $wait > 0 && $this->queue === null) {
            return $this->waitFor($key, $leaseTtl, $refreshAhead, $wait);
        }

        return $this->lookup($key, $value, $state, $lease);
    }

    /**
     * @param iterable<string|int> $keys
     * @return array<array-key, Lookup> one for each key
     */
    public function fetchMulti(iterable $keys, float $leaseTtl = 30, float $refreshAhead = 0): array
    {
        $full = $this->withPrefix($keys);
        $values = \cache_fetch_stale($full, $states, $leases, $leaseTtl, $refreshAhead, $this->queue) ?: [];
        $lookups = [];
        foreach ($full as $name) {
            $key = \substr($name, $this->prefixLength);
            $lookups[$key] = $this->lookup($key, $values[$name] ?? null, $states[$name] ?? 0, $leases[$name] ?? 0);
        }

        return $lookups;
    }

    /** As fetch(), but nobody rebuilds for it. */
    public function peek(string $key, float $refreshAhead = 0): Lookup
    {
        $value = \cache_fetch_stale($this->prefix . $key, $state, $lease, 0, $refreshAhead);

        return $this->lookup($key, $value, $state, $lease);
    }

    /** The right to rebuild a key, whether it has an entry or not; null: somebody else has it, or the cache is disabled. */
    public function lease(string $key, float $leaseTtl = 30): ?Lease
    {
        $lease = \cache_lease($this->prefix . $key, $leaseTtl);

        return $lease > 0 ? new Lease($this, $key, $lease) : null;
    }

    /**
     * @internal Lease::commit()
     * @param list<string> $tags
     */
    public function commit(
        string $key,
        int $lease,
        mixed $value,
        int|float|null $ttl,
        int|float|null $staleTtl,
        array $tags,
        int $stamp,
    ): bool {
        return \cache_commit(
            $this->prefix . $key,
            $lease,
            $value,
            $ttl ?? $this->ttl,
            $staleTtl ?? $this->staleTtl,
            $tags ? $this->tagged($tags) : $this->tags,
            $stamp,
        );
    }

    /** @internal Lease::extend() */
    public function extendLease(string $key, int $lease, float $seconds): bool
    {
        return \cache_lease_extend($this->prefix . $key, $lease, $seconds);
    }

    /** @internal Lease::release() */
    public function releaseLease(string $key, int $lease): bool
    {
        return \cache_lease_release($this->prefix . $key, $lease);
    }

    /**
     * As get(), with a token of this state of the entry: it changes whenever the value does.
     *
     * @param int|null $token 0: there is no fresh entry
     */
    public function gets(string $key, ?int &$token = null, mixed $default = null): mixed
    {
        $value = \cache_gets($this->prefix . $key, $token);

        return $token ? $value : $default;
    }

    /**
     * @param iterable<string|int> $keys
     * @param array<array-key, int>|null $tokens one for each key, 0: there is no fresh entry
     * @return array<array-key, mixed> as getMulti()
     */
    public function getsMulti(iterable $keys, ?array &$tokens = null): array
    {
        $full = $this->withPrefix($keys);
        $values = $this->withoutPrefix(\cache_gets($full, $found) ?: []);
        $tokens = [];
        foreach ($full as $name) {
            $tokens[\substr($name, $this->prefixLength)] = $found[$name] ?? 0;
        }

        return $values;
    }

    /**
     * Stores if the entry still has that token, be it stale by now; with 0 if there is no fresh entry.
     *
     * @param list<string> $tags
     * @return bool false: something else is there, or it could not be stored
     */
    public function casStore(
        string $key,
        int $token,
        mixed $value,
        int|float|null $ttl = null,
        int|float|null $staleTtl = null,
        array $tags = [],
        ?int $stamp = null,
    ): bool {
        return \cache_cas_store(
            $this->prefix . $key,
            $token,
            $value,
            $ttl ?? $this->ttl,
            $staleTtl ?? $this->staleTtl,
            $tags ? $this->tagged($tags) : $this->tags,
            $stamp,
        );
    }

    /** Deletes the entry if it still has that token, be it stale by now. */
    public function casDelete(string $key, int $token): bool
    {
        return \cache_cas_delete($this->prefix . $key, $token);
    }

    /**
     * Changes a value by a function, whatever others do meanwhile: it is called again until nobody came in between. No lock is
     * held while it runs.
     *
     * @param callable(mixed, bool): mixed $merge gets the fresh value or null, and whether there is one; returns the new one, or
     *     Pool::KEEP, which leaves the entry alone
     * @param list<string> $tags
     * @param float $wait seconds after which it gives up; it tries once at least
     * @return bool false: no room, or given up
     */
    public function merge(
        string $key,
        callable $merge,
        int|float|null $ttl = null,
        int|float|null $staleTtl = null,
        array $tags = [],
        float $wait = 5,
    ): bool {
        return \cache_merge(
            $this->prefix . $key,
            $merge,
            $ttl ?? $this->ttl,
            $staleTtl ?? $this->staleTtl,
            $tags ? $this->tagged($tags) : $this->tags,
            $wait,
        );
    }

    /**
     * Stores a value unless it is there already, with the same tags and durations: then only the stamp moves, forwards. Nothing is
     * decoded.
     *
     * @param list<string> $tags
     * @param int|null $stamp when the read of the source began; null: now
     * @param int|null $token of the entry that is to be replaced; null: any, 0: if there is no fresh one
     */
    public function storeIfChanged(
        string $key,
        mixed $value,
        int|float|null $ttl = null,
        int|float|null $staleTtl = null,
        array $tags = [],
        ?int $stamp = null,
        ?int $token = null,
    ): Change {
        return Change::from(\cache_store_if_changed(
            $this->prefix . $key,
            $value,
            $ttl ?? $this->ttl,
            $staleTtl ?? $this->staleTtl,
            $tags ? $this->tagged($tags) : $this->tags,
            $stamp,
            $token,
        ));
    }

    /**
     * Renews an entry, fresh or stale, by its stamp alone: one atomic exchange.
     *
     * @param int|null $expected the stamp it must have; negative: of an entry that was marked as stale then; null: any positive one
     * @param int|null $stamp the new one; null: now
     * @param int|null $token it must have; null: any
     * @return bool false: there is no such entry, a tag of it was invalidated, or its stamp or token is another one
     */
    public function touch(string $key, ?int $expected = null, ?int $stamp = null, ?int $token = null): bool
    {
        return \cache_cas_touch($this->prefix . $key, $expected, $stamp, $token);
    }

    /** When the entry, fresh or stale, was last validated; negative: when it was marked as stale; null: there is none. */
    public function stamp(string $key): ?int
    {
        $stamp = \cache_stamp($this->prefix . $key);

        return $stamp === false ? null : $stamp;
    }

    /**
     * @param iterable<string|int> $keys
     * @return array<array-key, int> of those that are there
     */
    public function stampMulti(iterable $keys): array
    {
        return $this->withoutPrefix(\cache_stamp($this->withPrefix($keys)) ?: []);
    }

    /**
     * Exchanges the word of an entry, fresh or stale: a number that is yours, begins with 0, and survives stores.
     *
     * @param int $expected 0 to 2^62 - 1, as $new
     * @return bool false: there is no entry, or its word is another one
     */
    public function exchangeWord(string $key, int $expected, int $new): bool
    {
        return \cache_cas_lock($this->prefix . $key, $expected, $new);
    }

    /**
     * Many entries, fresh or stale, with their words, in one call.
     *
     * @param iterable<string|int> $keys
     * @param int $minStamp entries whose stamp is older, be it negative, come without value, and are not decoded
     * @return array<array-key, Entry> those that are there
     */
    public function entries(iterable $keys, int $minStamp = 0): array
    {
        $entries = [];
        $keys = \is_array($keys) ? $keys : \iterator_to_array($keys, false);
        foreach (\cache_fetch_entries($keys, $minStamp, $this->prefix) as $key => $entry) {
            $entries[$key] = new Entry(
                $entry['value'] ?? null,
                \array_key_exists('value', $entry),
                $entry['stamp'],
                $entry['token'],
                $entry['lock'],
                State::from($entry['state']),
                $this->ownTags($entry['tags']),
                $entry['accessed'],
            );
        }

        return $entries;
    }

    /**
     * As entries(), for adapters that read many on each request: the arrays of cache_fetch_entries(), their `state` a
     * CACHE_STATE_*, and their `tags` with the pool's, and with the names that fullTag() gives.
     *
     * @param array<string|int> $keys
     * @param int $minStamp see entries()
     * @param list<string>|null $fields those that are wanted; null: all
     * @return array<array-key, array{value?: mixed, stamp?: int, token?: int, lock?: int, state?: int, tags?: list<string>, accessed?: int}>
     */
    public function rawEntries(array $keys, int $minStamp = 0, ?array $fields = null): array
    {
        return \cache_fetch_entries($keys, $minStamp, $this->prefix, $fields);
    }

    /** A tag of the pool's tag space, as the extension knows it. */
    public function fullTag(string $tag): string
    {
        return $this->tag($tag);
    }

    /**
     * What is known about an entry, fresh or stale, without its value. Counts as no access.
     *
     * @return array{version: int, stamp: int, state: State, ttl: int|float, stale_ttl: int|float, soft: ?int, hard: ?int, size: int, type: string, tags: list<string>, hits_class: int, accessed: int, lease: array{owner: ?int, deadline: int}|null}|null
     *     as cache_key_info()
     */
    public function info(string $key): ?array
    {
        $info = \cache_key_info($this->prefix . $key);

        return $info === null ? null : $this->described($info);
    }

    /** Makes an entry stale from now on, for its staleTtl, and ends its rebuild. @return bool was there one? */
    public function markStale(string $key): bool
    {
        return \cache_mark_stale($this->prefix . $key);
    }

    /**
     * @param iterable<string|int> $keys
     * @return list<string> those that were not there
     */
    public function markStaleMulti(iterable $keys): array
    {
        $keys = $this->withPrefix($keys);
        $missing = \cache_mark_stale($keys);

        return $this->listed(\is_array($missing) ? $missing : $keys);
    }

    /**
     * Makes all entries that carry one of the tags stale, for their staleTtl, or with $hard missing. O(tags), however many
     * entries there are.
     *
     * @param string|list<string> $tags
     * @return bool false: the cache is disabled
     */
    public function invalidateTags(string|array $tags, bool $hard = false): bool
    {
        $tags = \array_map($this->tag(...), \array_values((array) $tags));

        return !$tags || \cache_tag_invalidate($tags, $hard) > 0;
    }

    /**
     * Makes all entries of the pool missing. O(1). What was read from its source before, and is stored with a stamp of then,
     * or by a lease of then, is never seen; a set() without a stamp counts as of now.
     *
     * @return bool false: the cache is disabled
     */
    public function clear(): bool
    {
        return \cache_tag_invalidate($this->poolTag, true) > 0;
    }

    /** Makes all entries of the pool stale, for their staleTtl. O(1). @return bool false: the cache is disabled */
    public function markAllStale(): bool
    {
        return \cache_tag_invalidate($this->poolTag) > 0;
    }

    /**
     * Adds to an integer, atomically. A missing one starts at 0.
     *
     * @param int|float|null $ttl for one that is missing
     * @return int|null the new one; null: it is no integer, would overflow, or the cache is disabled
     */
    public function inc(string $key, int $step = 1, int|float|null $ttl = null): ?int
    {
        $name = $this->prefix . $key;
        $ttl ??= $this->ttl;
        // cache_inc() gives what it creates no tags, by which clear() finds it.
        \cache_add($name, 0, $ttl, 0, $this->tags);
        $value = \cache_inc($name, $step, $done, $ttl);
        if ($value === $step && $done) {
            $this->tagCounter($name, $ttl);
        }

        return $done ? $value : null;
    }

    /** Subtracts; else as inc(). */
    public function dec(string $key, int $step = 1, int|float|null $ttl = null): ?int
    {
        $name = $this->prefix . $key;
        $ttl ??= $this->ttl;
        \cache_add($name, 0, $ttl, 0, $this->tags);
        $value = \cache_dec($name, $step, $done, $ttl);
        if ($value === -$step && $done) {
            $this->tagCounter($name, $ttl);
        }

        return $done ? $value : null;
    }

    /** Exchanges an integer if it is $old. Inserts nothing. */
    public function cas(string $key, int $old, int $new): bool
    {
        return \cache_cas($this->prefix . $key, $old, $new);
    }

    /**
     * The named lock for reading, which many may hold at once. Who holds it already is given it again.
     *
     * @param float $wait seconds; 0: not at all, INF: without limit
     * @param float $lease seconds after which whoever wants the lock may take it over; 0: only when this process has died
     * @return Lock|null null: not to be had in time, too many locks, or the cache is disabled
     */
    public function lockForRead(string $name, float $wait = 0, float $lease = 0): ?Lock
    {
        return Lock::acquire($this->prefix . $name, false, $wait, $lease);
    }

    /**
     * The named lock for writing, which excludes everybody else; else as lockForRead().
     *
     * @throws \Cache\LockUpgradeException it is held for reading by this process
     */
    public function lockForWrite(string $name, float $wait = 0, float $lease = 0): ?Lock
    {
        return Lock::acquire($this->prefix . $name, true, $wait, $lease);
    }

    /**
     * Leaves the making of a value to the workers of a queue. The job's key has the pool's prefix: for the registry of the
     * workers it is "$pool->prefix$key".
     *
     * @param string|null $queue null: the pool's
     * @param mixed $payload up to 65,535 bytes when serialized
     * @param float $delay seconds
     * @return bool is there such a job now? false: no room, or the cache is disabled
     * @throws \LogicException no queue is given, and the pool has none
     */
    public function push(string $key, mixed $payload = null, float $delay = 0, int $priority = 0, ?string $queue = null): bool
    {
        $queue ??= $this->queue ?? throw new \LogicException('The pool has no queue: name one in its constructor, or in the call');
        $pushed = \cache_queue_push($queue, $this->prefix . $key, $payload, $delay, $priority);

        return $pushed > 0 || ($pushed === 0 && \cache_enabled());
    }

    /**
     * The tags that an entry gets which is stored with these: for the loaders of the workers, which know the extension's names
     * only. Without them clear() does not find the entry.
     *
     * @param list<string> $tags
     * @return list<string>
     */
    public function storedTags(array $tags = []): array
    {
        return $this->tagged($tags);
    }

    /**
     * The keys of the pool, fresh and stale, in no order. No lock is held: what is stored or deleted meanwhile may come or not.
     *
     * @param string $start what they begin with
     * @return \Generator<int, string>
     */
    public function keys(string $start = ''): \Generator
    {
        foreach (new \Cache\EntryIterator($this->prefix . $start) as $name => $_) {
            yield \substr($name, $this->prefixLength);
        }
    }

    /**
     * As keys(), with what info() says but the lease; and `value`, if asked for.
     *
     * @return \Generator<string, array<string, mixed>> by key
     */
    public function walk(string $start = '', bool $values = false): \Generator
    {
        foreach (new \Cache\EntryIterator($this->prefix . $start, values: $values) as $name => $entry) {
            unset($entry['key']);
            yield \substr($name, $this->prefixLength) => $this->described($entry);
        }
    }

    /** Entries of the pool, fresh and stale. O(entries of the cache). */
    public function count(string $start = ''): int
    {
        return \count(new \Cache\EntryIterator($this->prefix . $start));
    }

    /** @return array<string, mixed> cache_info(): of the whole cache */
    public static function statistics(bool $limited = true): array
    {
        return \function_exists('cache_info') ? \cache_info($limited) : [];
    }

    private function waitFor(string $key, float $leaseTtl, float $refreshAhead, float $wait): Lookup
    {
        $until = \hrtime(true) + $wait * 1e9;
        do {
            // Sleeps while somebody has the lease of a missing value, then has it for a moment, and stores nothing.
            \cache_compute($this->prefix . $key, static fn (): string => self::KEEP, wait: \max(0, $until - \hrtime(true)) / 1e9);
            $lookup = $this->fetch($key, $leaseTtl, $refreshAhead);
        } while (!$lookup->isFound() && $lookup->pending && \hrtime(true) < $until && \usleep(200) === null);

        return $lookup;
    }

    private function lookup(string $key, mixed $value, ?int $state, ?int $lease): Lookup
    {
        return new Lookup(
            $state ? $value : null,
            State::from($state ?? 0),
            $lease > 0 ? new Lease($this, $key, $lease) : null,
            $lease === -1,
        );
    }

    /** A counter that was created without tags, since the pool was cleared between the two steps of inc(), gets them. */
    private function tagCounter(string $name, int|float $ttl): void
    {
        do {
            $entry = \cache_fetch_entries([$name])[$name] ?? null;
        } while (
            $entry
            && !$entry['tags']
            && \is_int($entry['value'])
            && !\cache_cas_store($name, $entry['token'], $entry['value'], $ttl, 0, $this->tags, \abs($entry['stamp']))
            && \cache_exists($name)
        );
    }

    private function tag(string $tag): string
    {
        return Key::fit($this->tagPrefix . $tag, self::MAX_TAG);
    }

    /**
     * @param list<string> $tags
     * @return list<string> as the extension knows them, after those of the pool
     */
    private function tagged(array $tags): array
    {
        $all = $this->tags;
        foreach ($tags as $tag) {
            $all[] = $this->tag($tag);
        }

        return $all;
    }

    /**
     * @param list<string> $tags of an entry
     * @return list<string> as they were given in the call
     */
    private function ownTags(array $tags): array
    {
        if (\count($tags) === \count($this->tags)) {
            return []; // the frequent case
        }
        $own = [];
        foreach (\array_diff($tags, $this->tags) as $tag) {
            $own[] = \substr($tag, \strlen($this->tagPrefix));
        }

        return $own;
    }

    /** cache_key_info() as the pool sees it. */
    private function described(array $info): array
    {
        $info['state'] = State::from($info['state']);
        $info['tags'] = $this->ownTags($info['tags']);

        return $info;
    }

    /**
     * @param iterable<string|int> $keys
     * @return list<string>
     */
    private function withPrefix(iterable $keys): array
    {
        $full = [];
        foreach ($keys as $key) {
            $full[] = $this->prefix . $key;
        }

        return $full;
    }

    /**
     * @param array<string, mixed> $byName
     * @return array<array-key, mixed>
     */
    private function withoutPrefix(array $byName): array
    {
        $byKey = [];
        foreach ($byName as $name => $value) {
            $byKey[\substr($name, $this->prefixLength)] = $value;
        }

        return $byKey;
    }

    /**
     * @param list<string> $names
     * @return list<string>
     */
    private function listed(array $names): array
    {
        $keys = [];
        foreach ($names as $name) {
            $keys[] = \substr($name, $this->prefixLength);
        }

        return $keys;
    }
}
