<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/** What is known about a collection without its items. */
final readonly class CollectionState
{
    /**
     * @param int $stamp microseconds since the epoch: the last write, its deletion being one; no two writes of a collection have
     *     the same
     * @param bool $exists false: it was deleted then
     * @param int $size bytes of the payloads that are stored, also of those that have expired and are not yet removed
     */
    public function __construct(public int $stamp, public bool $exists, public int $size)
    {
    }
}
