<?php

/*
 * On the command line: what a hook of the package manager would do.
 *
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

require __DIR__ . '/packages.php';

exit(cache_mark_stale(PACKAGES) ? 0 : 1);
