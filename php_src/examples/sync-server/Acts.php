<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Examples\SyncServer;

/** What a device's process can be told to do. */
final class Acts
{
    public const USER = 'anna';

    /** @return array{array, float} the answer, and milliseconds waited for the lock */
    public static function request(SyncServer $server, string $method, string $collection, mixed ...$more): array
    {
        return [$server->request($method, self::USER, $collection, ...$more), $server->waited];
    }

    /** @return array{int, float, int} collections, microseconds a request, and statements of the database */
    public static function askOften(SyncServer $server, int $times): array
    {
        $statements = CountedStatement::$executed;
        $began = hrtime(true);
        for ($i = 0; $i < $times; $i++) {
            $info = $server->info(self::USER);
        }

        return [\count($info), (hrtime(true) - $began) / $times / 1e3, CountedStatement::$executed - $statements];
    }

    /**
     * Reads again and again for some time.
     *
     * @return array{int, float, int} requests, the longest wait for the lock in milliseconds, and answers that were half of a write
     */
    public static function readFor(SyncServer $server, string $collection, float $seconds): array
    {
        [$requests, $longest, $halves] = [0, 0.0, 0];
        for ($end = hrtime(true) + $seconds * 1e9; hrtime(true) < $end; $requests++) {
            $answer = $server->request('GET', self::USER, $collection);
            $longest = max($longest, $server->waited);
            $halves += (int) (\count(array_unique($answer['items'])) > 1);
        }

        return [$requests, $longest, $halves];
    }

    /**
     * Writes all items of a collection again and again for some time.
     *
     * @return array{int, float} requests, and the longest wait for the lock in milliseconds
     */
    public static function writeFor(SyncServer $server, string $collection, array $ids, float $seconds): array
    {
        [$requests, $longest] = [0, 0.0];
        for ($end = hrtime(true) + $seconds * 1e9; hrtime(true) < $end; $requests++) {
            $server->request('POST', self::USER, $collection, array_fill_keys($ids, "version $requests"));
            $longest = max($longest, $server->waited);
        }

        return [$requests, $longest];
    }

    /** Takes the lock for reading, and gives it back when it is told to release(). @return float milliseconds waited for it */
    public static function hold(SyncServer $server, string $collection): float
    {
        return $server->hold(self::USER, $collection);
    }

    public static function release(SyncServer $server): void
    {
        $server->letGo();
    }

    /** Is killed in the middle of a write. */
    public static function dieWriting(SyncServer $server, string $collection, array $payloads): never
    {
        $server->begin(self::USER, $collection, $payloads);
        posix_kill(getmypid(), SIGKILL);
        exit;
    }
}
