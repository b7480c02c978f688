<?php

/*
 * Part of the bridge from WoltLab Suite Core to the PHP extension "cache".
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
declare(strict_types=1);

namespace wcf\system\cache\shared;

/**
 * What this request has seen of the caches. It goes on seeing that, whatever is rebuilt meanwhile: code that asks twice relies
 * on the same answer.
 */
final class RequestValues
{
    /** @var array<string, array<mixed>|object> by key */
    private static array $values = [];

    /** @return array<mixed>|object|null */
    public static function find(string $key): array|object|null
    {
        return self::$values[$key] ?? null;
    }

    /**
     * @param array<mixed>|object $value
     * @return array<mixed>|object the same
     */
    public static function keep(string $key, array|object $value): array|object
    {
        return self::$values[$key] = $value;
    }

    /** Where a process begins something new without ending: a job of a worker. */
    public static function forget(): void
    {
        self::$values = [];
    }
}
