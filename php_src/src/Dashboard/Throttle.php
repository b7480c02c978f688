<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/**
 * Counts wrong passwords of an address, in the cache itself. Without the cache, or when the entry is evicted, what
 * slows tries down is the hash alone.
 */
final class Throttle
{
    private const PREFIX = 'shared-cache:dashboard:tries:';

    public function __construct(private readonly int $tries = 10, private readonly int $seconds = 300)
    {
    }

    /** Counts a try. @return int seconds to wait; 0: go on */
    public function begin(string $address): int
    {
        $key = self::key($address);
        if (!\function_exists('cache_inc')) {
            return 0;
        }
        $count = \cache_inc($key, 1, ttl: $this->seconds);
        if ($count === false || $count <= $this->tries) {
            return 0;
        }
        $end = \cache_key_info($key)['soft'] ?? null;

        return $end === null ? $this->seconds : max(1, (int) ceil($end / 1e6 - microtime(true)));
    }

    /** That try was right. Others of the same address still count. */
    public function succeeded(string $address): void
    {
        if (\function_exists('cache_dec')) {
            \cache_dec(self::key($address), 1, ttl: $this->seconds);
        }
    }

    /** Of an IPv6 address its network: whoever has one address there has all. */
    private static function key(string $address): string
    {
        $packed = (string) @inet_pton($address);
        if (str_starts_with($packed, "\0\0\0\0\0\0\0\0\0\0\xff\xff")) {
            $packed = substr($packed, 12);
        }
        $network = strlen($packed) === 16 ? (string) inet_ntop(substr($packed, 0, 8) . str_repeat("\0", 8)) . '/64'
            : '';

        return self::PREFIX . ($network !== '' ? $network : ($packed !== '' ? inet_ntop($packed) : 'unknown'));
    }
}
