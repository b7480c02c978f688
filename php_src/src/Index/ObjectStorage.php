<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/** Where rows are for good. A row is an array of int, float, string and null by column. */
interface ObjectStorage
{
    /** @return list<string> columns */
    public function primaryKey(): array;

    /**
     * @param list<array<string, int|float|string|null>> $queries the same columns in each, joined by AND
     * @return list<list<array<string, int|float|string|null>>> rows for each query, sorted
     */
    public function findMulti(array $queries, ?Sort $sort = null, ?int $limit = null, int $offset = 0): array;

    /**
     * @param array<string, int|float|string|null> $row
     * @return array<string, int|float|string|null> as it is stored: with all columns
     */
    public function insert(array $row): array;

    /**
     * @param array<string, int|float|string|null> $old as it was read
     * @param array<string, int|float|string|null> $new with the same primary key
     * @throws ConflictException it is not as it was read any more
     */
    public function update(array $old, array $new): void;

    /**
     * @param array<string, int|float|string|null> $row as it was read
     * @throws ConflictException it is not as it was read any more
     */
    public function remove(array $row): void;

    /** Does it show what is not committed, or not any more what others have committed? Nothing of that is put into the cache. */
    public function isInTransaction(): bool;
}
