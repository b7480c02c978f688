<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Rebuild;

/** How a job ended. */
enum Outcome: string
{
    /** The value was made and stored. */
    case Built = 'built';
    /** Somebody made it after the job was pushed; nothing to do. */
    case Fresh = 'fresh';
    /** The loader returned CACHE_KEEP. */
    case Kept = 'kept';
    /** The entry changed during each of several rebuilds; the next one who reads it asks again. */
    case Outdated = 'outdated';
    /** Another process rebuilds the key; looked at again later. */
    case Busy = 'busy';
    /** Tried again later, or a dead letter now. */
    case Failed = 'failed';
    /** Another worker has taken the job over. */
    case Lost = 'lost';
}
