<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/**
 * A section in which a collection is locked. It is left by release(); one that ends without it, by an exception for instance, is
 * undone where the database can undo it.
 */
interface StorageLock
{
    /** The fencing token, greater than all before it; 0: a lock of the database's own. */
    public function token(): int;

    /**
     * Ends the section. What was written in it is there for good then, if this was the outermost.
     *
     * @throws LockLostException it was not held to the end
     * @throws RolledBackException a section inside of it has failed, and all was undone
     * @throws StorageException
     */
    public function release(): void;

    /** Ends the section without success: what was written in it is undone, with all that surrounds it. The end of this object does so. */
    public function abandon(): void;
}
