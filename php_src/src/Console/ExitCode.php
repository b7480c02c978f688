<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console;

/** What the commands' exit statuses mean; docs/worker.md lists them. */
enum ExitCode: int
{
    /** Done; of `run`: ended as planned. */
    case Ok = 0;
    /** The answer is no: an unknown key, a full queue, a damaged entry, too many failed jobs. */
    case No = 1;
    /** An unknown command, option or queue, a value that is not valid. */
    case Usage = 2;
    /** The process cannot use the cache, or lacks an extension. */
    case Environment = 3;
    /** The bootstrap file is missing, fails or returns no registry. */
    case Bootstrap = 4;
}
