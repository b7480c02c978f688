<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/** How the rows of an index's buckets change. Functions must be pure: they may be called several times for one change. */
interface BucketRules
{
    /**
     * @param list<array<string, int|float|string|null>>|null $rows null: unknown
     * @return list<array<string, int|float|string|null>>|null null: the rows that are known do not tell
     */
    public function apply(?array $rows, RowChange $change): ?array;

    /** May two changes of different rows be applied in another order than the storage's? */
    public function commutes(): bool;

    /** Are rows to be known after a write, without asking the storage? */
    public function updatesInPlace(): bool;

    public function metrics(): IndexMetrics;
}
