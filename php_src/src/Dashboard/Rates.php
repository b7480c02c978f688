<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/**
 * What happened since the page was loaded before: the URL that a refresh loads carries the figures of that moment, so
 * that nothing has to be kept for a visitor.
 */
final class Rates
{
    /** In the order of the URL. */
    private const COUNTERS = ['lookups', 'answered', 'stores', 'evictions'];

    /** @param array<string, float> $perSecond by counter */
    private function __construct(public readonly float $seconds, public readonly array $perSecond)
    {
    }

    /** For the URL. */
    public static function mark(Snapshot $snapshot): string
    {
        return implode('-', [(int) ($snapshot->now * 1000), ...self::figures($snapshot)]);
    }

    /** @return self|null null: $mark is none, or of another segment */
    public static function since(string $mark, Snapshot $snapshot): ?self
    {
        if (preg_match('~^\d{1,18}(-\d{1,18}){4}$~D', $mark) !== 1) {
            return null;
        }
        $before = array_map(intval(...), explode('-', $mark));
        $seconds = $snapshot->now - array_shift($before) / 1000;
        if ($seconds < 0.5 || $seconds > 3600) {
            return null;
        }
        $rates = [];
        foreach (self::figures($snapshot) as $i => $figure) {
            if ($figure < $before[$i]) {
                return null;
            }
            $rates[self::COUNTERS[$i]] = ($figure - $before[$i]) / $seconds;
        }

        return new self($seconds, $rates);
    }

    /** @return list<int> */
    private static function figures(Snapshot $snapshot): array
    {
        return [$snapshot->lookups(), $snapshot->answered(), $snapshot->info['stores'], $snapshot->info['evictions']];
    }
}
