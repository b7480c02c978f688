<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/**
 * Walks the entries, without a lock and without decoding a value, for a limited time. A page is found by walking past
 * those before it: the cache knows no other order than that of its index, which stays the same while nothing changes.
 * Entries without the prefix are left out by the extension itself, which looks at no clock, but takes least.
 */
final class Walk
{
    /** Entries that are read ahead: their keys may have 64 KB each. */
    private const CHUNK = 100;
    /** Entries between two looks at the clock; patterns may take a million steps for each. */
    private const STRIDE = 64;

    private int $seen = 0;
    private bool $stopped = false;
    private readonly int $end;
    private ?\Cache\EntryIterator $iterator = null;

    public function __construct(float $seconds)
    {
        $this->end = (int) hrtime(true) + (int) ($seconds * 1e9);
    }

    /**
     * @return array{list<array<string, mixed>>, bool} entries of the page with the fields of EntryIterator, sorted
     * among themselves; are there more? O(entries before it), O(size) memory
     */
    public function page(Search $search, int $size): array
    {
        $skip = ($search->page - 1) * $size;
        $entries = [];
        if ($search->error !== null) {
            return [[], false];
        }
        foreach ($this->entries($search) as $entry) {
            if ($skip > 0) {
                $skip--;
            } elseif (count($entries) === $size) {
                return [self::sorted($entries, $search), true];
            } else {
                $entries[] = $entry ?? $this->current();
            }
        }

        return [self::sorted($entries, $search), false];
    }

    /**
     * Tags and what carries them. At most $limit are counted: of those that come later nothing is known.
     *
     * @return array<array-key, array{int, int}> entries and bytes by tag, the most bytes first
     */
    public function tags(int $limit): array
    {
        $tags = [];
        foreach ($this->entries(new Search()) as $entry) {
            $entry ??= $this->current();
            foreach ($entry['tags'] as $tag) {
                if (isset($tags[$tag]) || count($tags) < $limit) {
                    $tags[$tag] = [($tags[$tag][0] ?? 0) + 1, ($tags[$tag][1] ?? 0) + $entry['size']];
                }
            }
        }
        uasort($tags, static fn (array $a, array $b): int => $b[1] <=> $a[1]);

        return $tags;
    }

    /** Entries that were looked at. */
    public function seen(): int
    {
        return $this->seen;
    }

    /** Did the time end before the entries did? */
    public function wasStopped(): bool
    {
        return $this->stopped;
    }

    private function current(): array
    {
        return $this->iterator->current();
    }

    /**
     * @return iterable<array<string, mixed>|null> those that fit; null: its fields were not needed to know, current()
     *        has them
     */
    private function entries(Search $search): iterable
    {
        $needsFields = $search->needsFields();
        $needsKey = $search->match !== 'prefix';
        $stride = $search->match === 'regex' ? 1 : self::STRIDE;
        $iterator = $this->iterator = new \Cache\EntryIterator($search->prefix(), null, false, self::CHUNK);
        for ($iterator->rewind(); $iterator->valid(); $iterator->next()) {
            if ($this->seen % $stride === 0 && $this->seen > 0 && hrtime(true) > $this->end) {
                $this->stopped = true;

                return;
            }
            $this->seen++;
            if ($needsKey && !$search->fitsKey((string) $iterator->key())) {
                continue;
            }
            if (!$needsFields) {
                yield null;
                continue;
            }
            $entry = $iterator->current();
            if ($search->fits($entry)) {
                yield $entry;
            }
        }
    }

    /**
     * @param list<array<string, mixed>> $entries
     * @return list<array<string, mixed>>
     */
    private static function sorted(array $entries, Search $search): array
    {
        if ($search->sort === '') {
            return $entries;
        }
        $of = static fn (array $entry): mixed => match ($search->sort) {
            'age' => -abs($entry['stamp']),
            'left' => self::end($entry),
            'hits' => $entry['hits_class'],
            default => $entry[$search->sort],
        };
        $sign = $search->descending ? -1 : 1;
        usort($entries, static function (array $a, array $b) use ($of, $sign): int {
            [$a, $b] = [$of($a), $of($b)];

            // "10" and "1e1" are two keys.
            return $sign * (is_string($a) ? strcmp($a, $b) : $a <=> $b);
        });

        return $entries;
    }

    /** When its state ends, in microseconds since the epoch. */
    private static function end(array $entry): int
    {
        return ($entry['state'] === CACHE_STATE_STALE ? $entry['hard'] : $entry['soft']) ?? PHP_INT_MAX;
    }
}
