<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/** @internal A section of a Transaction. */
final class TransactionLock implements StorageLock
{
    public function __construct(private readonly Transaction $transaction, private ?StorageLock $lock)
    {
    }

    public function token(): int
    {
        return 0;
    }

    public function release(): void
    {
        if ($lock = $this->lock) {
            $this->lock = null;
            $this->transaction->leave($lock);
        }
    }

    public function abandon(): void
    {
        if ($lock = $this->lock) {
            $this->lock = null;
            $this->transaction->abandon($lock);
        }
    }

    public function __destruct()
    {
        $this->abandon();
    }

    private function __clone()
    {
    }
}
