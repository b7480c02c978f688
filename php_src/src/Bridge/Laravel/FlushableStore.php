<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Bridge\Laravel;

use Illuminate\Contracts\Cache\CanFlushLocks;

/** The store for versions of Laravel that have a command for flushing locks; it has the methods already. */
final class FlushableStore extends SharedStore implements CanFlushLocks
{
}
