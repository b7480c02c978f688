<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

use SharedCache\Key;

/** The keys of a user in the cache, without the pool's prefix. Different names never give the same key. */
final class Keys
{
    public static function metadata(string $user): string
    {
        return Key::of($user, 'metadata');
    }

    public static function collection(string $user, string $collection): string
    {
        return Key::of($user, 'c', $collection);
    }

    /** Batches of a collection that is in the cache only. */
    public static function batches(string $user, string $collection): string
    {
        return Key::of($user, 'c', $collection, 'batches');
    }

    /** The name of a user or a collection. @throws \InvalidArgumentException it cannot be one */
    public static function checked(string $name): string
    {
        return $name !== '' && \strlen($name) <= Storage::MAX_NAME
            ? $name
            : throw new \InvalidArgumentException('The name of a user or a collection has 1 to ' . Storage::MAX_NAME . ' bytes');
    }

    /** The lock of a collection, or of all of a user. */
    public static function lock(string $user, ?string $collection): string
    {
        return $collection === null ? Key::of($user, 'lock') : Key::of($user, 'lock', $collection);
    }
}
