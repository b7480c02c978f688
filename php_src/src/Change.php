<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache;

/** What came of Pool::storeIfChanged(). */
enum Change: int
{
    /** The value was stored. */
    case Stored = 1;
    /** It was there already, with the same tags and durations: only its stamp moved, forwards. */
    case Touched = 2;
    /** What is there is newer than the stamp, or has another token: it was left alone. */
    case Lost = -1;
    /** There was no room, or the cache is disabled. What was there is gone. */
    case Failed = 0;

    /** Is the given value in the cache now? */
    public function isStored(): bool
    {
        return $this === self::Stored || $this === self::Touched;
    }
}
