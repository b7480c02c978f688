<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Rebuild;

/**
 * Sees to it that loaders are pure: whoever reads the cache for an application asks `Guard::read($key)` first. While a
 * loader runs that throws in development, and is counted in production.
 *
 * It sees what goes through this library (Reader) and through accessors of yours that call it. It cannot see bare
 * cache_fetch() and the like: PHP has no hook for calls of internal functions, and the extension's counters are sums
 * over all processes.
 *
 * State of the process: a loader runs in one place at a time.
 */
final class Guard
{
    private static ?string $building = null;
    private static bool $strict = false;
    private static int $reads = 0;
    private static ?string $lastRead = null;

    /**
     * Development or production, where nobody says so: as PHP itself tells them apart, by whether assertions are
     * compiled.
     */
    public static function strictByDefault(): bool
    {
        return (int) \ini_get('zend.assertions') === 1;
    }

    /**
     * Runs a loader under the guard, which is lifted afterwards in any case.
     *
     * @param \Closure(Context): mixed $load
     */
    public static function watch(\Closure $load, Context $context, bool $strict): mixed
    {
        $outer = self::$building;
        $outerStrict = self::$strict;
        self::$building = $context->key;
        self::$strict = $strict;
        try {
            return $load($context);
        } finally {
            self::$building = $outer;
            self::$strict = $outerStrict;
        }
    }

    /**
     * The cache is about to be read.
     *
     * @throws ImpureLoaderException a loader is running, in development
     */
    public static function read(string $key): void
    {
        if (self::$building === null) {
            return;
        }
        self::$reads++;
        self::$lastRead = $key;
        if (self::$strict) {
            throw new ImpureLoaderException(\sprintf(
                'The loader of "%s" reads "%s" from the cache; let it read the source instead, so that its value '
                    . 'is not older than it looks',
                self::$building,
                $key,
            ));
        }
    }

    /** The key that a loader is making in this process; null: none. */
    public static function building(): ?string
    {
        return self::$building;
    }

    /** How often loaders of this process have read the cache. */
    public static function reads(): int
    {
        return self::$reads;
    }

    /** What they read last; null: nothing so far. */
    public static function lastRead(): ?string
    {
        return self::$lastRead;
    }
}
