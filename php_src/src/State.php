<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache;

/** The state of an entry, as CACHE_STATE_*. */
enum State: int
{
    /** There is none: never stored, deleted, cleared, past its time, or a tag of it was invalidated hard. */
    case Missing = 0;
    case Fresh = 1;
    /** Fresh, but so near its end that it is time to rebuild it. */
    case Aging = 2;
    /** Past its ttl, marked as stale, or a tag of it was invalidated. */
    case Stale = 3;

    public function isFresh(): bool
    {
        return $this === self::Fresh || $this === self::Aging;
    }

    /** Is there a value, fresh or stale? */
    public function isFound(): bool
    {
        return $this !== self::Missing;
    }
}
