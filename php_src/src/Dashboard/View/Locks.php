<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard\View;

use SharedCache\Console\Text;
use SharedCache\Dashboard\Html;
use SharedCache\Dashboard\Page;
use SharedCache\Dashboard\View;

/** Named locks. They end with their holders, so there is nothing to be done here. */
final class Locks implements View
{
    public function title(Page $page): string
    {
        return 'Locks';
    }

    public function render(Page $page): string
    {
        $info = cache_info(true);
        $locks = cache_lock_info();
        ksort($locks, SORT_STRING);
        $rows = [];
        foreach ($locks as $name => $lock) {
            $rows[] = [
                Html::bytes((string) $name),
                self::holders($lock),
                $lock['waiting'] ? '<span class="warn">yes</span>' : 'no',
                $lock['lease_left'] === null ? ($lock['writer'] || $lock['readers'] > 0 ? 'until released' : '')
                    : Text::duration(max(0.0, $lock['lease_left'])),
                $lock['abandoned'] ? '<span class="bad">yes</span>' : 'no',
                (string) $lock['token'],
            ];
        }
        $table = $rows
            ? Html::table([['Name', 'key'], ['Held', 's'], ['A writer waits', 's'], ['Lease', 's'],
            ['Abandoned', 's'], ['Last token', 'n']], $rows)
            : '<p>Nobody holds a named lock, or waits for one.</p>';

        return Html::section('Now', $table, 'Lease: until all of its holders may be replaced. Abandoned: the last '
            . 'writer died, or lost it to its lease; the next writer is told, and mends what may be half done. A '
            . 'lock is free when its process ends.')
            . Html::section('So far', Html::figures([
                ['Acquired', Text::number($info['named_locks_acquired']), 're-entrant acquisitions included'],
                ['Waited', Text::number($info['named_locks_waited']), 'times a lock was waited for'],
                ['Refused', Text::number($info['named_locks_refused']), 'too many locks in the segment (256) or in '
                    . 'one process (30)'],
                ['Recovered', Text::number($info['named_locks_recovered']), 'taken for writing after the last '
                    . 'writer died or lost them'],
                ['Lost', Text::number($info['named_locks_lost']), 'holds that were taken over after their lease'],
            ]));
    }

    /** @param array<string, mixed> $lock */
    private static function holders(array $lock): string
    {
        return match (true) {
            $lock['writer'] => 'for writing',
            $lock['readers'] > 0 => 'for reading, by ' . Text::plural($lock['readers'], 'process', 'processes'),
            default => 'no',
        };
    }
}
