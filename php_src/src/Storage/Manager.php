<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/** Where the items of a collection are kept, and how. The methods are those of Storage. */
interface Manager
{
    public function getTimestamp(string $user, string $collection): int;

    public function getItems(string $user, string $collection, Query $query): Page;

    public function getItem(string $user, string $collection, string $id): Item;

    /** @param array<array-key, ItemUpdate> $updates by id */
    public function setItems(string $user, string $collection, array $updates): CollectionState;

    /** @param list<string> $ids */
    public function deleteItems(string $user, string $collection, array $ids): CollectionState;

    public function deleteCollection(string $user, string $collection): CollectionState;

    /** @param list<ItemUpdate> $updates */
    public function createBatch(string $user, string $collection, array $updates): string;

    public function hasBatch(string $user, string $collection, string $batch): bool;

    /** @param list<ItemUpdate> $updates */
    public function appendToBatch(string $user, string $collection, string $batch, array $updates): void;

    public function applyBatch(string $user, string $collection, string $batch): CollectionState;

    public function dropBatch(string $user, string $collection, string $batch): void;
}
