<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/** A write that the database has not committed yet. */
final class Pending
{
    /** What it has made of the collection; null: nothing yet. */
    public ?CollectionState $state = null;
    /** Its items then, if they are known. */
    public ?Document $document = null;
    /** What is done to the cache when the database has committed. */
    public ?\Closure $then = null;

    /** @param Slot|null $before the slot as it was */
    public function __construct(public readonly int $mark, public readonly ?Slot $before)
    {
    }
}
