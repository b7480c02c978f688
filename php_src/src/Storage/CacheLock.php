<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

use SharedCache\Lock;

/** @internal Named locks of the cache, and a section of the database within them, that end together. */
final class CacheLock implements StorageLock
{
    private bool $held = true;
    private readonly int $token;

    /** @param list<Lock> $locks one at least, in the order in which they were acquired */
    public function __construct(private array $locks, private ?StorageLock $section = null)
    {
        $this->token = $locks[\array_key_last($locks)]->token;
    }

    public function token(): int
    {
        return $this->token;
    }

    public function release(): void
    {
        if (!$this->held) {
            return;
        }
        $this->held = false;
        try {
            $this->section?->release();
        } finally {
            $kept = $this->releaseLocks();
        }
        if (!$kept) {
            throw new LockLostException('The lock was held for longer than its lease, and somebody else has taken it over');
        }
    }

    public function abandon(): void
    {
        if ($this->held) {
            $this->held = false;
            $this->section?->abandon();
            $this->releaseLocks();
        }
    }

    private function releaseLocks(): bool
    {
        $kept = true;
        while ($lock = \array_pop($this->locks)) {
            $kept = $lock->release() && $kept;
        }

        return $kept;
    }

    public function __destruct()
    {
        $this->abandon();
    }

    private function __clone()
    {
    }
}
