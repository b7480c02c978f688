<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/** What the cache knows about one collection. */
final readonly class Slot
{
    /**
     * @param CollectionState $state as of the last write that has ended
     * @param int $mark the write that is under way, or has died: `state` cannot be relied on; 0: there is none
     * @param int $since when it began, microseconds since the epoch
     */
    public function __construct(public CollectionState $state, public int $mark = 0, public int $since = 0)
    {
    }

    public function isClean(): bool
    {
        return $this->mark === 0;
    }

    /** @param array{int, bool, int, int, int} $slot */
    public static function of(array $slot): self
    {
        return new self(new CollectionState($slot[0], $slot[1], $slot[2]), $slot[3], $slot[4]);
    }

    /** @return array{int, bool, int, int, int} timestamp, exists, size, mark, since */
    public function toArray(): array
    {
        return [$this->state->stamp, $this->state->exists, $this->state->size, $this->mark, $this->since];
    }
}
