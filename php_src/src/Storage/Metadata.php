<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/**
 * What the cache knows about a user: one slot for each collection that ever was, and the size of all. Immutable.
 *
 * A write marks its slot before it changes the database, and takes its mark away after; only its own. While a slot has a mark,
 * the database is asked.
 */
final readonly class Metadata
{
    /**
     * @param array<array-key, array{int, bool, int, int, int}> $slots by collection, as Slot::toArray()
     * @param int $size bytes of all payloads
     * @param int $sizeAt when they were added up, microseconds since the epoch; 0: they were not
     * @param int $marks slots that have a mark
     */
    private function __construct(private array $slots, public int $size, public int $sizeAt, private int $marks)
    {
    }

    /** @param array<array-key, CollectionState> $states all of the user's */
    public static function fromStates(array $states, int $sizeAt = 0): self
    {
        $slots = \array_map(static fn (CollectionState $state): array => (new Slot($state))->toArray(), $states);

        return new self($slots, \array_sum(\array_column($slots, 2)), $sizeAt, 0);
    }

    /** @param array{array, int, int, int} $value */
    public static function fromArray(array $value): self
    {
        return new self(...$value);
    }

    /** @return array{array, int, int, int} what is kept in the cache */
    public function toArray(): array
    {
        return [$this->slots, $this->size, $this->sizeAt, $this->marks];
    }

    /** @return Slot|null null: there never was such a collection */
    public function slot(string $collection): ?Slot
    {
        return isset($this->slots[$collection]) ? Slot::of($this->slots[$collection]) : null;
    }

    /** Has no slot a mark? */
    public function isClean(): bool
    {
        return $this->marks === 0;
    }

    /** Since when the oldest mark is there, null: there is none. */
    public function dirtySince(): ?int
    {
        $since = null;
        if ($this->marks === 0) {
            return null;
        }
        foreach ($this->slots as $slot) {
            if ($slot[3] !== 0 && ($since === null || $slot[4] < $since)) {
                $since = $slot[4];
            }
        }

        return $since;
    }

    /**
     * @param bool $deleted also of collections that were deleted
     * @return array<array-key, int> timestamps by collection
     */
    public function stamps(bool $deleted = false): array
    {
        $stamps = [];
        foreach ($this->slots as $collection => $slot) {
            if ($slot[1] || $deleted) {
                $stamps[$collection] = $slot[0];
            }
        }

        return $stamps;
    }

    /** @return array<array-key, CollectionState> */
    public function states(): array
    {
        return \array_map(static fn (array $slot): CollectionState => Slot::of($slot)->state, $this->slots);
    }

    /** A write begins. Replaces the mark of one that is not under way any more, since the collection is locked. */
    public function withMark(string $collection, int $mark, int $now): self
    {
        $state = $this->slot($collection)?->state ?? new CollectionState(0, false, 0);

        return $this->with($collection, new Slot($state, $mark, $now));
    }

    /** A write has ended. Itself, if the mark is not there any more: somebody else knows what the collection is then. */
    public function withState(string $collection, int $mark, CollectionState $state): self
    {
        $slot = $this->slot($collection);

        return $slot?->mark === $mark
            ? $this->with($collection, new Slot($state), $state->size - $slot->state->size)
            : $this;
    }

    /** A write was undone. @param Slot|null $before the slot as it was */
    public function withoutMark(string $collection, int $mark, ?Slot $before): self
    {
        if ($this->slot($collection)?->mark !== $mark) {
            return $this;
        }

        return $before === null
            ? new self(\array_diff_key($this->slots, [$collection => 0]), $this->size, $this->sizeAt, $this->marks - 1)
            : $this->with($collection, $before);
    }

    public function withSize(int $size, int $now): self
    {
        return new self($this->slots, $size, $now, $this->marks);
    }

    private function with(string $collection, Slot $slot, int $growth = 0): self
    {
        $wasMarked = ($this->slots[$collection][3] ?? 0) !== 0;

        return new self(
            [$collection => $slot->toArray()] + $this->slots,
            \max(0, $this->size + $growth),
            $this->sizeAt,
            $this->marks + (int) !$slot->isClean() - (int) $wasMarked,
        );
    }
}
