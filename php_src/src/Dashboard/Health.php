<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

use SharedCache\Console\Text;

/**
 * What the figures mean, in plain words. Counters run since the segment was made, so a warning that a counter gives
 * stays: it says that something has happened, not that it happens now.
 */
final class Health
{
    /** Seconds that a job may wait before it is said. */
    private const JOB_AGE = 300;
    /** Elements of the histogram of evictions' ages below 68 minutes. */
    private const YOUNG = 13;

    /** @return list<Warning> the worst first */
    public static function of(Snapshot $snapshot): array
    {
        $warnings = [
            ...self::ofCounters($snapshot), ...self::ofMemory($snapshot), ...self::ofProcesses($snapshot),
            ...self::ofQueues($snapshot), ...self::ofLocks($snapshot),
        ];
        $order = static fn (Warning $warning): int => array_search($warning->level, Level::cases(), true);
        usort($warnings, static fn (Warning $a, Warning $b): int => $order($a) <=> $order($b));

        return $warnings;
    }

    /** @return iterable<Warning> those of counters that should be 0 */
    private static function ofCounters(Snapshot $snapshot): iterable
    {
        $rules = [
            'dropped_corrupt' => [Level::Bad, '%s index words were not valid and were dropped',
                'Something has damaged the segment: another program that writes to the file, a broken extension, or '
                    . 'memory. What was dropped counts as missing; nothing wrong was served. `cache-worker verify` '
                    . 'reads all entries.'],
            'grow_failed' => [Level::Bad, 'The file system had no memory for the segment, %s times',
                'The cache goes on with what it has and evicts sooner. Give /dev/shm (or cache.segment_dir) more '
                    . 'room, or set cache.size lower.'],
            'failed.memory' => [Level::Warn, '%s stores were refused: no room was to be had',
                'By evicting little enough, that is. Raise cache.size, or store smaller values.'],
            'failed.size' => [Level::Warn, '%s stores were refused: larger than a part of the segment can hold',
                'Raise cache.size, or split these values.'],
            'failed.busy' => [Level::Warn, '%s operations gave up waiting for a lock',
                'A process was stopped, or starved, in the middle of a change. Nothing wrong was left; what could '
                    . 'not be stored was made anew.'],
            'leases_refused' => [Level::Warn, '%s leases were refused: the table of leases was full',
                'Each was a rebuild that did not begin, as if somebody else were at it. The table grows with '
                    . 'cache.size.'],
            'named_locks_refused' => [Level::Warn, '%s named locks were refused',
                'There are 256 at most, and 30 in one process. See the page Locks.'],
            'guest_operations' => [Level::Warn, '%s operations came from processes without a place of their own',
                'They are slower. Raise cache.max_processes.'],
            'tags_forgotten' => [Level::Info, '%s records of invalidated tags were given up for newer ones',
                'Entries with those tags became missing, never valid. The table grows with cache.size.'],
            'pins_refused' => [Level::Info, '%s values were copied because too much was held',
                'Readers held more of the segment than cache.max_pinned allows. Copies cost time, nothing else.'],
            'recoveries' => [Level::Info, '%s processes died while they were attached',
                'They were cleaned up after. If that goes on, look for what kills them.'],
            'rebuilds' => [Level::Info, '%s times one of them held a lock',
                'What is derived - free lists, eviction order - was made anew. Nothing is to be done.'],
        ];
        foreach ($rules as $name => [$level, $text, $advice]) {
            $count = $snapshot->counter($name);
            if ($count > 0) {
                yield new Warning($level, $name, sprintf($text, Text::number($count)) . '.', $advice);
            }
        }
    }

    /** @return iterable<Warning> */
    private static function ofMemory(Snapshot $snapshot): iterable
    {
        $info = $snapshot->info;
        $why = $snapshot->whyCopies();
        if ($why !== null) {
            yield new Warning(
                ini_get('cache.zero_copy') === 'off' ? Level::Info : Level::Warn,
                'copies',
                'Values are copied instead of read where they lie.',
                ucfirst($why) . '.',
            );
        }
        $ages = $info['histograms']['eviction_age'] ?? [];
        $young = array_sum(array_slice($ages, 0, self::YOUNG));
        if ($young > 100 && $young > array_sum($ages) / 2) {
            yield new Warning(
                Level::Warn,
                'too_small',
                sprintf('Most of what was evicted was younger than 68 minutes: %s entries.', Text::number($young)),
                'The cache is too small for what is stored. Raise cache.size ('
                    . Text::bytes($info['segment']['size']) . ').',
            );
        } elseif ($info['evictions'] > 0 && $snapshot->fill() > 0.9) {
            yield new Warning(
                Level::Info,
                'full',
                'The cache is full: it evicts what is least likely to be needed.',
                'That is how it is meant. Is the hit ratio too low? Then raise cache.size.',
            );
        }
        if ($snapshot->lookups() > 1000 && $snapshot->hitRatio() < 0.5) {
            yield new Warning(
                Level::Info,
                'misses',
                'More than half of all look-ups find nothing.',
                'Ttls may be too short, the cache too small, or keys be asked for that nobody stores.',
            );
        }
    }

    /** @return iterable<Warning> */
    private static function ofProcesses(Snapshot $snapshot): iterable
    {
        $segment = $snapshot->info['segment'];
        if ($segment['processes'] >= 0.9 * $segment['processes_max']) {
            yield new Warning(
                Level::Warn,
                'processes',
                "$segment[processes] of $segment[processes_max] places for processes are taken.",
                'Beyond that they borrow a place for each operation, which is slower. Raise cache.max_processes.',
            );
        }
    }

    /** @return iterable<Warning> */
    private static function ofQueues(Snapshot $snapshot): iterable
    {
        foreach ($snapshot->queues as $name => $queue) {
            $name = '"' . Text::line((string) $name) . '"';
            if ($queue['workers'] === 0 && $queue['waiting'] > 0) {
                yield new Warning(
                    Level::Bad,
                    'queue_unserved',
                    Text::plural($queue['waiting'], 'job waits', 'jobs wait')
                        . " in the queue $name, and no worker asks for them.",
                    'Start `cache-worker run`, as the same user.',
                );
            } elseif ($queue['oldest_age'] > self::JOB_AGE) {
                yield new Warning(
                    Level::Warn,
                    'queue_slow',
                    "The oldest job of the queue $name has waited for " . Text::duration($queue['oldest_age']) . '.',
                    'There are too few workers, or one of them hangs.',
                );
            }
            if ($queue['dead'] > 0) {
                yield new Warning(
                    Level::Warn,
                    'dead_letters',
                    Text::plural($queue['dead'], 'job', 'jobs') . " of the queue $name failed for the last time.",
                    'The page Queues shows why, and queues them again.',
                );
            }
            if ($queue['full'] > 0) {
                yield new Warning(
                    Level::Warn,
                    'queue_full',
                    Text::plural($queue['full'], 'push', 'pushes') . " to the queue $name found no room.",
                    'Raise cache.queue_size, or start more workers.',
                );
            }
        }
    }

    /** @return iterable<Warning> */
    private static function ofLocks(Snapshot $snapshot): iterable
    {
        $abandoned = count(array_filter(array_column($snapshot->locks, 'abandoned')));
        if ($abandoned > 0) {
            yield new Warning(
                Level::Warn,
                'abandoned_locks',
                Text::plural($abandoned, 'named lock', 'named locks') . ' died with the last writer.',
                'What they protect may be half done. The next writer is told; see the page Locks.',
            );
        }
    }
}
