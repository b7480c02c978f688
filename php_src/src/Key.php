<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache;

/**
 * Keys that are composed of parts: Key::of('forum', 7, 'a:b') is "forum:7:a%3Ab". Different parts never give the same key,
 * whatever bytes they are of: within a part ":" becomes "%3A" and "%" becomes "%25".
 *
 * A key that would be longer than a limit ends in "%#" and a SHA-256 of the whole. No key that was not hashed has "%#" in it.
 */
final class Key
{
    /** Bytes of a key made by of(). */
    public const LIMIT = 250;
    /** "%#" and 32 bytes in Base64. */
    private const MARK = '%#';
    private const TAIL = 45;

    /**
     * @param string|int ...$parts one at least; 5 and "5" are the same
     * @return string at most LIMIT bytes. O(length)
     */
    public static function of(string|int ...$parts): string
    {
        $key = \implode(':', $parts);
        if (\substr_count($key, ':') !== \count($parts) - 1 || \str_contains($key, '%')) {
            $key = \implode(':', \array_map(self::escape(...), $parts));
        }

        return \strlen($key) <= self::LIMIT ? $key : self::shorten($key, self::LIMIT);
    }

    /** One part, as it stands in a key. */
    public static function escape(string|int $part): string
    {
        return \strtr((string) $part, ['%' => '%25', ':' => '%3A']);
    }

    /**
     * What a key was composed of.
     *
     * @return list<string>|null null: it was hashed
     */
    public static function parts(string $key): ?array
    {
        if (\str_contains($key, self::MARK)) {
            return null;
        }
        $parts = \explode(':', $key);

        return \str_contains($key, '%')
            ? \array_map(static fn (string $part): string => \strtr($part, ['%3A' => ':', '%25' => '%']), $parts)
            : $parts;
    }

    /**
     * A text of at most that many bytes: itself, or its beginning and a hash of it.
     *
     * @param int $limit at least 45
     */
    public static function fit(string $text, int $limit): string
    {
        return \strlen($text) <= $limit ? $text : self::shorten($text, $limit);
    }

    private static function shorten(string $text, int $limit): string
    {
        $hash = \rtrim(\strtr(\base64_encode(\hash('sha256', $text, true)), '+/', '-_'), '=');

        return \substr($text, 0, $limit - self::TAIL) . self::MARK . $hash;
    }
}
