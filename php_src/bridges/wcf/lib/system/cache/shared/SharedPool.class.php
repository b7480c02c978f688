<?php

/*
 * Part of the bridge from WoltLab Suite Core to the PHP extension "cache".
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
declare(strict_types=1);

namespace wcf\system\cache\shared;

use SharedCache\Pool;

/** The part of the shared cache that belongs to this installation. */
final class SharedPool
{
    private static ?Pool $pool = null;
    private static ?SharedCacheSettings $settings = null;

    /** Null: this process cannot use the cache, and everything is built where it is asked for. */
    public static function get(): ?Pool
    {
        if (!\class_exists(Pool::class) || !Pool::isEnabled()) {
            return null;
        }

        return self::$pool ??= new Pool(self::settings()->prefix, queue: self::settings()->queue);
    }

    public static function settings(): SharedCacheSettings
    {
        return self::$settings ??= SharedCacheSettings::fromConstants();
    }

    /** @internal Others than those of the constants, for tests; null: those of the constants again. */
    public static function configure(?SharedCacheSettings $settings): void
    {
        self::$settings = $settings;
        self::$pool = null;
        RequestValues::forget();
    }
}
