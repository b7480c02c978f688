<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/**
 * Collections of items, by user. Timestamps are microseconds since the epoch, and grow with every write of a collection, its
 * deletion being one, even if the clock does not.
 *
 * A single call sees and leaves things as if it were alone. Who makes several calls that belong together locks the collection
 * around them. Names of users, collections and items have 1 to MAX_NAME bytes, any bytes.
 *
 * All methods throw StorageException when the database fails, ConflictException when somebody else was at it for too long,
 * and CollectionNotFoundException where the collection must exist.
 */
interface Storage
{
    /** Bytes. */
    public const MAX_NAME = 64;
    /** Seconds that an expired item is kept before a write of its collection removes it. It is not seen meanwhile. */
    public const EXPIRY_GRACE = 86_400;
    /** Seconds that a batch is kept. */
    public const BATCH_TTL = 7_200;

    /**
     * Many may hold it at once; nobody writes to the collection meanwhile. Who holds it, for reading or writing, is given it again.
     *
     * @throws ConflictException not to be had in time
     */
    public function lockForRead(string $user, string $collection): StorageLock;

    /**
     * Excludes all others. Who holds it is given it again.
     *
     * @param string|null $collection null: all of the user's, also those to come
     * @param int $fence the token of a lock that surrounds this one: refused if a write came with a greater one; 0: no such lock
     * @throws ConflictException not to be had in time
     * @throws LockUpgradeException it is held for reading, or with null: one of the user's is held
     * @throws LockLostException a greater token was seen
     */
    public function lockForWrite(string $user, ?string $collection, int $fence = 0): StorageLock;

    /**
     * Keeps all others from writing to any of the user's collections, but does not wait.
     *
     * @return StorageLock|null null: somebody writes, or this object holds a lock
     */
    public function freeze(string $user): ?StorageLock;

    /** @return array<array-key, CollectionState> by collection, those that were deleted included */
    public function getStates(string $user): array;

    /** The last write of the user, 0 if there was none. */
    public function getTimestamp(string $user): int;

    /** @return array<array-key, int> by collection */
    public function getCollectionTimestamps(string $user): array;

    /** @return array<array-key, int> items, by collection */
    public function getCollectionCounts(string $user): array;

    /** @return array<array-key, int> bytes of the payloads, by collection */
    public function getCollectionSizes(string $user): array;

    /**
     * Bytes of the payloads of all collections. Counts items that have expired, unless it is recalculated.
     *
     * @param bool $recalculate adds up the items; a cache does so once an hour at most
     */
    public function getTotalSize(string $user, bool $recalculate = false): int;

    /** Deletes all collections and batches of the user. @return int the timestamp */
    public function deleteStorage(string $user): int;

    /** @throws CollectionNotFoundException */
    public function getCollectionTimestamp(string $user, string $collection): int;

    /** @throws CollectionNotFoundException */
    public function getItems(string $user, string $collection, Query $query = new Query()): Page;

    /**
     * @throws CollectionNotFoundException
     * @throws ItemNotFoundException
     */
    public function getItem(string $user, string $collection, string $id): Item;

    /**
     * Makes or changes items, and the collection if it is not there. All or nothing.
     *
     * @param iterable<ItemUpdate> $updates
     */
    public function setItems(string $user, string $collection, iterable $updates): CollectionState;

    /**
     * @param list<string> $ids those that are not there do not matter
     * @throws CollectionNotFoundException
     */
    public function deleteItems(string $user, string $collection, array $ids): CollectionState;

    /** Deletes the collection with its items and batches. @throws CollectionNotFoundException */
    public function deleteCollection(string $user, string $collection): CollectionState;

    /**
     * Keeps updates until they are applied together.
     *
     * @param iterable<ItemUpdate> $updates
     * @return string its id
     */
    public function createBatch(string $user, string $collection, iterable $updates = []): string;

    public function hasBatch(string $user, string $collection, string $batch): bool;

    /**
     * @param iterable<ItemUpdate> $updates
     * @throws BatchNotFoundException
     */
    public function appendToBatch(string $user, string $collection, string $batch, iterable $updates): void;

    /** setItems() with all of the batch, which is dropped. @throws BatchNotFoundException */
    public function applyBatch(string $user, string $collection, string $batch): CollectionState;

    /** Drops a batch, if it is there. */
    public function dropBatch(string $user, string $collection, string $batch): void;
}
