<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/** What the counters of cache_info() count, in groups. One that a later extension has more is shown without a text. */
final class Counters
{
    public const GROUPS = [
        'Look-ups' => [
            'hits' => 'look-ups that found a fresh entry',
            'stale_hits' => 'look-ups that were answered with a stale value',
            'aging_hits' => 'look-ups that found a fresh value within its refresh-ahead window',
            'misses.absent' => 'look-ups of a key that was not there',
            'misses.expired' => 'look-ups of a key that was past its time, or invalidated',
        ],
        'Changes' => [
            'stores' => 'values written',
            'stores_unchanged' => 'stores of what was there already: only the stamp moved',
            'stores_lost' => 'stores refused because something newer was there',
            'adds_refused' => 'adds that found an entry',
            'updates' => 'integers changed in place: inc, dec, cas',
            'touches' => 'entries renewed by their stamp alone',
            'touches_refused' => 'touches that found another stamp or version than expected',
            'deletes' => 'entries deleted',
            'marks' => 'entries marked as stale',
            'clears' => 'times the cache was cleared',
            'tag_invalidations' => 'tags invalidated',
            'tags_forgotten' => 'records of invalidated tags given up for newer ones',
        ],
        'Failures' => [
            'failed.memory' => 'stores refused: no room that may be had by evicting little enough',
            'failed.size' => 'stores refused: larger than a shard can hold',
            'failed.busy' => 'operations that gave up waiting for a shard\'s lock',
            'invalidated_busy' => 'entries invalidated without the lock, because it was not to be had',
            'grow_failed' => 'times the file system had no memory for the segment to grow',
            'dropped_corrupt' => 'index words dropped because they were not valid',
        ],
        'Memory' => [
            'evictions' => 'entries evicted to make room',
            'evictions_chain' => 'entries evicted because their bucket was full',
            'expirations' => 'expired entries whose memory was returned',
            'ghost_hits' => 'stores of a key that was evicted a short while ago',
            'relocations' => 'entries moved to free a slab',
            'slabs_stolen' => 'slabs moved from one size class to another',
            'pins_refused' => 'values copied because too much was pinned',
        ],
        'Processes' => [
            'recoveries' => 'dead participants cleaned up after',
            'rebuilds' => 'shards rebuilt after their lock\'s owner died',
            'lock_waits' => 'times a shard\'s lock was not free at once',
            'guest_operations' => 'operations of processes that have no slot of their own',
        ],
        'Rebuilds of values' => [
            'leases_granted' => 'rebuilds handed to a caller',
            'leases_taken_over' => 'leases taken over: their deadline had passed, or their owner had died',
            'leases_refused' => 'leases refused because too many were in force',
            'commits' => 'rebuilt values stored under their lease',
            'commits_refused' => 'rebuilt values not stored: the lease was void or lost',
        ],
        'Named locks' => [
            'named_locks_acquired' => 'named locks acquired, re-entrant acquisitions included',
            'named_locks_waited' => 'times a named lock was waited for',
            'named_locks_refused' => 'named locks refused: too many in the table or in one process, or no slot to '
                . 'be had',
            'named_locks_recovered' => 'named locks taken for writing after their last writer died or lost them',
            'named_locks_lost' => 'holds of named locks that were taken over after their lease',
        ],
    ];

    /** @return array<string, array<string, array{int, string}>> by group and name: the number, and what it counts */
    public static function of(array $info): array
    {
        $numbers = [];
        foreach (array_diff_key($info, array_flip(['entries', 'segment', 'memory', 'histograms'])) as $name => $value) {
            if (is_int($value)) {
                $numbers[$name] = $value;
            } elseif (is_array($value)) {
                foreach ($value as $reason => $number) {
                    $numbers["$name.$reason"] = $number;
                }
            }
        }
        $groups = [];
        foreach (self::GROUPS as $group => $texts) {
            foreach (array_intersect_key($texts, $numbers) as $name => $text) {
                $groups[$group][$name] = [$numbers[$name], $text];
            }
            $numbers = array_diff_key($numbers, $texts);
        }
        foreach ($numbers as $name => $number) {
            $groups['Others'][$name] = [$number, ''];
        }

        return $groups;
    }
}
