<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

use SharedCache\Lock;
use SharedCache\Pool;

/**
 * A transaction that is being committed. It holds a named lock meanwhile: so others know that it lives, however long the commit
 * takes, and that it died, at once.
 */
final class Writer
{
    /** Microseconds that one without a lock is believed to live, since there were too many locks. */
    private const PATIENCE = 120_000_000;
    /** @var array<string, int> those of this process, which would be given its own lock again: process by id */
    private static array $here = [];

    public readonly string $id;
    /** Microseconds since the epoch. */
    public readonly int $since;
    private ?Lock $lock;

    public function __construct(Pool $pool)
    {
        $this->id = 'w' . \bin2hex(\random_bytes(8)); // never an integer as a key
        $this->lock = $pool->lockForWrite(self::lockName($this->id));
        $this->since = Pool::now();
        self::$here[$this->id] = \getmypid();
    }

    public function isLocked(): bool
    {
        return $this->lock !== null;
    }

    /** It is done, or gives up: from now on its marks are those of a dead one. */
    public function end(): void
    {
        unset(self::$here[$this->id]);
        $this->lock?->release();
        $this->lock = null;
    }

    /**
     * Has a writer died, or given up?
     *
     * @param array{int, bool, mixed} $mark see Bucket
     * @param float $grace seconds from its mark on for which its commit may still be on the way
     */
    public static function isDead(Pool $pool, string $id, array $mark, float $grace): bool
    {
        [$since, $locked] = $mark;
        $age = Pool::now() - $since;
        if ($age < $grace * 1e6 || (self::$here[$id] ?? null) === \getmypid()) {
            return false;
        }

        return $locked ? $pool->lockForWrite(self::lockName($id)) !== null : $age > self::PATIENCE;
    }

    private static function lockName(string $id): string
    {
        return "writer:$id";
    }

    public function __destruct()
    {
        $this->end();
    }
}
