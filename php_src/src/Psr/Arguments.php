<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Psr;

/** What PSR-6 and PSR-16 say of the arguments of both. */
final class Arguments
{
    /** Characters that a key or tag must not have; the standards keep them for extensions. */
    private const RESERVED = '{}()/\@:';

    /** What is wrong with a key or tag; null: nothing. */
    public static function fault(mixed $key): ?string
    {
        if (\is_string($key) && $key !== '' && \strpbrk($key, self::RESERVED) === false) {
            return null;
        }

        return match (true) {
            !\is_string($key) => 'must be a string, ' . \get_debug_type($key) . ' given',
            $key === '' => 'must not be empty',
            default => "\"$key\" has one of the reserved characters " . self::RESERVED,
        };
    }

    /** An interval from now on, in seconds. */
    public static function seconds(\DateInterval $interval): float
    {
        $now = new \DateTimeImmutable('now', new \DateTimeZone('UTC'));

        return \round((float) $now->add($interval)->format('U.u') - (float) $now->format('U.u'), 3);
    }
}
