<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage\Pdo;

use SharedCache\Storage\StorageException;
use SharedCache\Storage\StorageLock;

/** A section of a transaction. */
final class PdoLock implements StorageLock
{
    private bool $held = true;

    /** @internal Database::lock() */
    public function __construct(private readonly Database $database, private readonly string $name)
    {
    }

    public function token(): int
    {
        return 0;
    }

    public function release(): void
    {
        if ($this->held) {
            $this->held = false;
            $this->database->leave($this->name, true);
        }
    }

    public function abandon(): void
    {
        if ($this->held) {
            $this->held = false;
            try {
                $this->database->leave($this->name, false);
            } catch (StorageException) {
                // That all was undone, which is what was wanted.
            }
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
