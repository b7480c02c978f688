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
}
