<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

use SharedCache\Pool;

/**
 * What happens to an index, counted for all processes. Each process adds up what it counts, and writes it to the cache from time
 * to time and at its end; a process that is killed takes up to BATCH events with it.
 */
final class IndexMetrics
{
    private const BATCH = 256;
    private const COUNTERS = ['hits', 'misses', 'stale', 'fills', 'lost', 'writes', 'abandoned', 'failed', 'created', 'removed'];
    /** Seconds, by how it is written. */
    private const SPANS = [
        'minute' => 60,
        'hour' => 3600,
        'day' => 86400,
        'week' => 604800,
        'month' => 2592000,
    ];

    /** @var array<string, int> */
    private array $counts = [];
    private int $events = 0;
    private readonly int $process;

    /** @param string $buckets what the keys of the index begin with */
    public function __construct(private readonly Pool $pool, public readonly string $index, private readonly string $buckets)
    {
        $this->process = \getmypid();
    }

    /** @internal */
    public function count(string $counter, int $events = 1): void
    {
        if ($events) {
            $this->counts[$counter] = ($this->counts[$counter] ?? 0) + $events;
            if (++$this->events >= self::BATCH) {
                $this->flush();
            }
        }
    }

    /** Writes to the cache what this process has counted. */
    public function flush(): void
    {
        if ($this->process === \getmypid()) {
            foreach ($this->counts as $counter => $events) {
                $this->pool->inc($this->key($counter), $events, 0);
            }
        }
        $this->counts = [];
        $this->events = 0;
    }

    /**
     * Look-ups of buckets since reset(): `hits` from the cache, `misses` of absent buckets, `stale` of those that were being
     * written, or outdated; `ratio` of hits. `fills` after misses, and `lost` fills since the bucket had changed meanwhile;
     * `writes` to buckets; `abandoned` marks of writers that died; writes that `failed` for want of room. `evictions`: buckets
     * that went without being deleted: for want of room, at the end of their ttl, by clear().
     *
     * And what is there now: `entries`, `bytes`, and `idle`: the share of buckets by the time since they were last asked for, the
     * first that fits of minute, hour, day, week, month, longer. O(entries of the cache).
     *
     * @return array{hits: int, misses: int, stale: int, ratio: float, fills: int, lost: int, writes: int, abandoned: int,
     *     failed: int, evictions: int, entries: int, bytes: int, idle: array<string, float>}
     */
    public function report(?int $now = null): array
    {
        $this->flush();
        $now ??= \time();
        $counts = [];
        foreach (self::COUNTERS as $counter) {
            $counts[$counter] = (int) $this->pool->get($this->key($counter), 0);
        }
        $entries = $bytes = 0;
        $idle = \array_fill_keys([...\array_keys(self::SPANS), 'longer'], 0);
        foreach ($this->pool->walk($this->buckets) as $entry) {
            $entries++;
            $bytes += $entry['size'];
            $idle[self::span($now - $entry['accessed'])]++;
        }
        $lookups = $counts['hits'] + $counts['misses'] + $counts['stale'];
        $gone = $counts['created'] - $counts['removed'];
        unset($counts['created'], $counts['removed']);

        return [
            ...$counts,
            'ratio' => $lookups ? $counts['hits'] / $lookups : 0.0,
            'evictions' => \max(0, $gone - $entries),
            'entries' => $entries,
            'bytes' => $bytes,
            'idle' => \array_map(static fn (int $count): float => $entries ? $count / $entries : 0.0, $idle),
        ];
    }

    /** Counts from 0 on. */
    public function reset(): void
    {
        $this->counts = [];
        $this->events = 0;
        foreach (self::COUNTERS as $counter) {
            $this->pool->delete($this->key($counter));
        }
        // What is there counts as created.
        $this->pool->inc($this->key('created'), $this->pool->count($this->buckets), 0);
    }

    private static function span(int $seconds): string
    {
        foreach (self::SPANS as $name => $limit) {
            if ($seconds < $limit) {
                return $name;
            }
        }

        return 'longer';
    }

    private function key(string $counter): string
    {
        return "metrics:$counter:$this->index";
    }

    public function __destruct()
    {
        try {
            $this->flush();
        } catch (\Throwable) {
            // A figure is not worth a failure.
        }
    }
}
