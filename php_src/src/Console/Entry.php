<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console;

/** Fields of cache_key_info() and of the iterator, for people and for JSON. */
final class Entry
{
    public static function state(int $state): string
    {
        return match ($state) {
            CACHE_STATE_FRESH => 'fresh',
            CACHE_STATE_AGING => 'aging',
            CACHE_STATE_STALE => 'stale',
            default => 'gone',
        };
    }

    public static function colouredState(Output $output, int $state, int $width = 0): string
    {
        $text = str_pad(self::state($state), $width);

        return $state === CACHE_STATE_STALE ? $output->yellow($text) : $output->green($text);
    }

    /** `60 s, then stale for ever` */
    public static function lifetime(array $entry): string
    {
        return sprintf(
            '%s, then stale for %s',
            $entry['ttl'] ? Text::duration($entry['ttl']) : 'no limit',
            $entry['stale_ttl'] === INF ? 'ever' : Text::duration($entry['stale_ttl']),
        );
    }

    /** When the state ends: `stale in 12 min`, `gone in 3 days`, `for ever`. */
    public static function until(array $entry): string
    {
        if ($entry['state'] === CACHE_STATE_STALE) {
            return $entry['hard'] === null ? 'kept for ever' : 'gone in ' . self::left($entry['hard']);
        }
        if ($entry['soft'] === null) {
            return 'for ever';
        }

        return ($entry['soft'] === $entry['hard'] ? 'gone in ' : 'stale in ') . self::left($entry['soft']);
    }

    private static function left(int $stamp): string
    {
        return Text::duration(max(0.0, $stamp / 1e6 - microtime(true)));
    }

    /** INF, which JSON does not know, is null. */
    public static function json(array $entry): array
    {
        $key = Text::jsonKey((string) $entry['key']);
        unset($entry['key'], $entry['value']);
        $entry['state'] = self::state($entry['state']);

        return $key + array_map(static fn (mixed $field): mixed => $field === INF ? null : $field, $entry);
    }
}
