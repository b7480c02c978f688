<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/** A whole collection, as it is kept in the cache. Immutable. */
final readonly class Document
{
    /**
     * @param int $stamp microseconds since the epoch: the write that made it
     * @param bool $exists false: the collection was deleted
     * @param int $size bytes of the payloads
     * @param int $fence the token of the lock under which it was written
     * @param array<array-key, array{int, string, ?int, ?int}> $items modified, payload, sort index and expires, by id, and sorted by it
     */
    private function __construct(
        public int $stamp,
        public bool $exists,
        public int $size,
        public int $fence,
        private array $items,
    ) {
    }

    public static function none(): self
    {
        return new self(0, false, 0, 0, []);
    }

    /** @param iterable<Item> $items */
    public static function of(int $stamp, iterable $items): self
    {
        return self::none()->with($stamp, 0, $items);
    }

    /** @param array{int, bool, int, int, array} $value */
    public static function fromArray(array $value): self
    {
        return new self(...$value);
    }

    /** @return array{int, bool, int, int, array} what is kept in the cache, the timestamp first */
    public function toArray(): array
    {
        return [$this->stamp, $this->exists, $this->size, $this->fence, $this->items];
    }

    public function state(): CollectionState
    {
        return new CollectionState($this->stamp, $this->exists, $this->size);
    }

    /** Items that have not expired. */
    public function count(int $now): int
    {
        return \count($this->items($now));
    }

    public function page(Query $query, int $now): Page
    {
        if ($query->ids === null) {
            return $query->of($this->items($now), sorted: true);
        }
        $items = [];
        foreach (\array_unique($query->ids) as $id) {
            if ($item = $this->item($id, $now)) {
                $items[] = $item;
            }
        }

        return $query->of($items);
    }

    public function item(string $id, int $now): ?Item
    {
        $item = isset($this->items[$id]) ? new Item($id, ...$this->items[$id]) : null;

        return $item?->isExpired($now) ? null : $item;
    }

    /**
     * @param array<array-key, ItemUpdate> $updates by id
     * @param bool $exactly null if the outcome depends on the time, which the caller does not know exactly
     */
    public function updated(array $updates, int $stamp, int $now, int $fence = 0, bool $exactly = false): ?self
    {
        $items = [];
        foreach ($updates as $id => $update) {
            $old = isset($this->items[$id]) ? new Item((string) $id, ...$this->items[$id]) : null;
            if ($exactly && ($update->ttl !== null || $old?->expires !== null)) {
                return null;
            }
            $items[] = $update->apply($old, $stamp, $now);
        }

        return $this->with($stamp, $fence, $items);
    }

    /** @param list<string> $ids */
    public function without(array $ids, int $stamp, int $fence = 0): self
    {
        $left = \array_diff_key($this->items, \array_fill_keys($ids, true));

        return new self($stamp, true, self::sizeOf($left), $fence, $left);
    }

    public function deleted(int $stamp, int $fence): self
    {
        return new self($stamp, false, 0, $fence, []);
    }

    /** Without what has expired before a time. */
    public function purged(int $before): self
    {
        $left = \array_filter($this->items, static fn (array $item): bool => $item[3] === null || $item[3] > $before);

        return \count($left) === \count($this->items)
            ? $this
            : new self($this->stamp, $this->exists, self::sizeOf($left), $this->fence, $left);
    }

    /** @param iterable<Item> $changed */
    private function with(int $stamp, int $fence, iterable $changed): self
    {
        $items = $this->items;
        $size = $this->size;
        $count = \count($items);
        foreach ($changed as $item) {
            $size += \strlen($item->payload) - \strlen($items[$item->id][1] ?? '');
            $items[$item->id] = [$item->modified, $item->payload, $item->sortIndex, $item->expires];
        }

        if (\count($items) > $count) {
            \ksort($items, \SORT_STRING);
        }

        return new self($stamp, true, $size, $fence, $items);
    }

    /** @return list<Item> */
    private function items(int $now): array
    {
        $items = [];
        foreach ($this->items as $id => [$modified, $payload, $sortIndex, $expires]) {
            if ($expires === null || $expires > $now) {
                $items[] = new Item((string) $id, $modified, $payload, $sortIndex, $expires);
            }
        }

        return $items;
    }

    private static function sizeOf(array $items): int
    {
        return \array_sum(\array_map(\strlen(...), \array_column($items, 1)));
    }
}
