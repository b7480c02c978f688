<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

use Cache\LockUpgradeException as Upgrade;
use SharedCache\Lock;
use SharedCache\Pool;

/**
 * Which lock a collection has: named ones of the cache, if it is kept in the cache only or if that was chosen; else the
 * database's. Of the named ones there are two: a collection's holder shares that of its user, which who deletes all holds alone.
 */
final class Locks
{
    /** @var array<string, \WeakReference<Lock>> the outermost ones that are held, by name */
    private array $outer = [];

    /**
     * @param array<array-key, mixed> $cacheOnly by collection
     * @param float $ttl seconds after which a named lock can be taken over
     * @param float $wait seconds to wait for one
     */
    public function __construct(
        private readonly Pool $pool,
        private readonly Transaction $transaction,
        private readonly MetadataCache $metadata,
        private readonly array $cacheOnly,
        private readonly bool $cacheLock,
        private readonly float $ttl,
        private readonly float $wait,
    ) {
    }

    public function forRead(string $user, string $collection): StorageLock
    {
        if ($this->isNamed($collection)) {
            return new CacheLock($this->acquire($user, $collection, false));
        }
        $this->prepare($user);

        return $this->transaction->lockForRead($user, $collection);
    }

    /**
     * @param string|null $collection null: all of the user's
     * @param int $fence of a lock that surrounds it; a named lock has a token of its own
     */
    public function forWrite(string $user, ?string $collection, int $fence = 0): StorageLock
    {
        if (!Pool::isEnabled()) {
            throw new StorageException('The cache cannot be reached: what others have in theirs could not be marked as changed');
        }
        if ($collection === null) {
            return $this->forAll($user, $fence);
        }
        if ($this->isNamed($collection)) {
            return new CacheLock($this->acquire($user, $collection, true));
        }
        $this->prepare($user);

        return $this->transaction->lockForWrite($user, $collection, $fence);
    }

    private function forAll(string $user, int $fence): StorageLock
    {
        $locks = $this->cacheLock || $this->cacheOnly ? $this->acquire($user, null, true) : [];
        $this->prepare($user);
        $section = $this->transaction->lockForWrite($user, null, $this->cacheLock ? $locks[0]->token : $fence);

        return $locks ? new CacheLock($locks, $section) : $section;
    }

    private function isNamed(string $collection): bool
    {
        return $this->cacheLock || isset($this->cacheOnly[$collection]);
    }

    /** Within a section of the database's the metadata cannot be made: it is done before, if it is to be done. */
    private function prepare(string $user): void
    {
        if (!$this->transaction->isOpen()) {
            $this->metadata->get($user);
        }
    }

    /** @return non-empty-list<Lock> */
    private function acquire(string $user, ?string $collection, bool $writing): array
    {
        Keys::checked($user);
        Keys::checked($collection ?? $user);
        try {
            $locks = [$this->named(Keys::lock($user, null), $writing && $collection === null)];
            if ($collection !== null) {
                $locks[] = $this->named(Keys::lock($user, $collection), $writing);
            }

            return $locks;
        } catch (Upgrade $error) {
            throw new LockUpgradeException('A lock is asked for writing while it is held for reading', 0, $error);
        }
    }

    private function named(string $name, bool $writing): Lock
    {
        $lock = $writing
            ? $this->pool->lockForWrite($name, $this->wait, $this->ttl)
            : $this->pool->lockForRead($name, $this->wait, $this->ttl);

        if ($lock === null) {
            throw Pool::isEnabled()
                ? new ConflictException("The lock was not to be had within $this->wait seconds, or there are too many locks")
                : new StorageException('The cache cannot be reached, which has the locks');
        }
        $outer = ($this->outer[$name] ?? null)?->get();
        if ($outer === null) {
            if (\count($this->outer) >= 64) {
                $this->outer = \array_filter($this->outer, static fn (\WeakReference $outer): bool => $outer->get() !== null);
            }
            $this->outer[$name] = \WeakReference::create($lock);
        } elseif ($outer->token !== $lock->token) {
            // It is a new one, since the surrounding one was lost: what that has read may not hold any more.
            throw new LockLostException('The lock that surrounds this was held for longer than its lease, and somebody else has had it');
        }

        return $lock;
    }
}
