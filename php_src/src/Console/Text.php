<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console;

/** Quantities and keys for people. */
final class Text
{
    public static function bytes(int $bytes): string
    {
        foreach (['B', 'KB', 'MB', 'GB'] as $i => $unit) {
            if ($bytes < 1024 ** ($i + 1)) {
                return $i ? sprintf('%.1f %s', $bytes / 1024 ** $i, $unit) : "$bytes $unit";
            }
        }

        return sprintf('%.1f TB', $bytes / 1024 ** 4);
    }

    public static function number(int $number): string
    {
        return number_format($number);
    }

    /** `230 ms`, `4.2 s`, `12 min`, `3.5 h`, `12 days` */
    public static function duration(float $seconds): string
    {
        return match (true) {
            $seconds < 0.0005 => '0',
            $seconds < 1 => round($seconds * 1000) . ' ms',
            $seconds < 10 => round($seconds, 1) . ' s',
            $seconds < 120 => round($seconds) . ' s',
            $seconds < 7200 => round($seconds / 60) . ' min',
            $seconds < 172_800 => round($seconds / 3600, 1) . ' h',
            default => round($seconds / 86_400) . ' days',
        };
    }

    /** @param int $stamp microseconds since the epoch */
    public static function time(int $stamp): string
    {
        return date('Y-m-d H:i:s', intdiv($stamp, 1_000_000));
    }

    /** @param int $stamp microseconds since the epoch */
    public static function ago(int $stamp): string
    {
        return self::duration(max(0.0, microtime(true) - $stamp / 1e6)) . ' ago';
    }

    /** A key or text on one line: bytes that a terminal would obey are shown as \t, \033 …, and what is not UTF-8. */
    public static function line(string $text): string
    {
        $escaped = addcslashes($text, "\0..\37\177\\");

        return preg_match('~~u', $escaped) ? $escaped : addcslashes($text, "\0..\37\177..\377\\");
    }

    public static function plural(int $number, string $one, string $many): string
    {
        return number_format($number) . ' ' . ($number === 1 ? $one : $many);
    }

    /**
     * A key for JSON, which knows only UTF-8: other keys come in base64, too.
     *
     * @return array{key: string, key_base64?: string}
     */
    public static function jsonKey(string $key): array
    {
        return preg_match('~~u', $key)
            ? ['key' => $key]
            : ['key' => self::line($key), 'key_base64' => base64_encode($key)];
    }
}
