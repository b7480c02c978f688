<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/** What of a row is stored in the buckets of an index. */
interface Compactor
{
    /**
     * @param array<string, mixed> $row
     * @return array<string, int|float|string|null>
     * @throws \InvalidArgumentException a value is no scalar
     */
    public function compactRow(array $row): array;

    /**
     * @param array<string, int|float|string|null> $row as compactRow() made it
     * @param array<string, int|float|string|null> $query the properties that all rows of its bucket have
     * @return array<string, int|float|string|null> with the columns of the key and the primary key at least
     */
    public function expandRow(array $row, array $query): array;
}
