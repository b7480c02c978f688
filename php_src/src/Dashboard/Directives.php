<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/** What the settings of the extension are for, in a line; docs/ini.md has the whole. */
final class Directives
{
    public const TEXTS = [
        'cache.enable' => '0: every function answers as for an empty cache that stores nothing',
        'cache.enable_cli' => 'the same for the command line',
        'cache.segment' => 'name of the segment; processes of one user with the same name share one cache',
        'cache.segment_dir' => 'where its file lies; empty: a private directory of the user under /dev/shm',
        'cache.size' => 'upper bound of the segment; memory is taken in steps as it is needed',
        'cache.max_processes' => 'processes (ZTS: threads) attached at once; those beyond it are slower',
        'cache.queue_size' => 'jobs of the rebuild queue that wait, run or are dead letters',
        'cache.queue_max_attempts' => 'runs of a job; then it is a dead letter',
        'cache.serializer' => 'for objects that need one; empty: PHP\'s',
        'cache.zero_copy' => 'auto: values are read where they lie; off: they are copied; rw: through a writable '
            . 'mapping',
        'cache.max_pinned' => 'how much one process may hold back because it reads values where they lie',
        'cache.quarantine' => 'for debugging: memory of replaced and deleted values is wiped, and used again late',
    ];
}
