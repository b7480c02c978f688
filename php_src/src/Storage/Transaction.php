<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/**
 * The database's sections of one CachedStorage, and what is to become of the cache when they end: the outermost commits, or rolls
 * back.
 */
final class Transaction
{
    private int $depth = 0;
    /** @var array<string, array<array-key, Pending>> by user and collection */
    private array $pending = [];

    public function __construct(private readonly Storage $source, private readonly MetadataCache $metadata)
    {
    }

    public function lockForRead(string $user, string $collection): StorageLock
    {
        return $this->entered($this->source->lockForRead($user, $collection));
    }

    public function lockForWrite(string $user, ?string $collection, int $fence): StorageLock
    {
        return $this->entered($this->source->lockForWrite($user, $collection, $fence));
    }

    public function isOpen(): bool
    {
        return $this->depth > 0;
    }

    /** Marks the collection, unless this transaction has done so. It is locked for writing. */
    public function mark(string $user, string $collection): Pending
    {
        if (!isset($this->pending[$user][$collection])) {
            $mark = \random_int(1, \PHP_INT_MAX);
            $this->pending[$user][$collection] = new Pending($mark, $this->metadata->mark($user, $collection, $mark));
        }

        return $this->pending[$user][$collection];
    }

    /** @internal TransactionLock */
    public function leave(StorageLock $lock): void
    {
        $isLast = --$this->depth === 0;
        $pending = $this->pending;
        if ($isLast) {
            $this->pending = [];
        }
        try {
            $lock->release();
        } catch (RolledBackException $error) {
            if ($isLast) {
                \array_walk($pending, fn (array $writes, string|int $user) => $this->metadata->restore((string) $user, $writes));
            }
            throw $error;
        }
        // After any other error nobody knows what the database has done: the marks stay.
        if ($isLast) {
            \array_walk($pending, fn (array $writes, string|int $user) => $this->finish((string) $user, $writes));
        }
    }

    /** @internal TransactionLock */
    public function abandon(StorageLock $lock): void
    {
        $isLast = --$this->depth === 0;
        $pending = $this->pending;
        if ($isLast) {
            $this->pending = [];
        }
        $lock->abandon();
        if ($isLast) {
            \array_walk($pending, fn (array $writes, string|int $user) => $this->metadata->restore((string) $user, $writes));
        }
    }

    private function finish(string $user, array $writes): void
    {
        $this->metadata->finish($user, $writes);
        foreach ($writes as $write) {
            if ($write->then) {
                ($write->then)();
            }
        }
    }

    private function entered(StorageLock $lock): StorageLock
    {
        $this->depth++;

        return new TransactionLock($this, $lock);
    }
}
