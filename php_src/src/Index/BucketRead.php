<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

use SharedCache\Lease;

/** What was found under a key. */
final readonly class BucketRead
{
    /**
     * @param list<array<string, int|float|string|null>>|null $rows null: ask the storage
     * @param Lease|null $lease not null: what the storage says is to be put into the bucket by it
     * @param bool $dirty a transaction that changes it is being committed
     * @param bool $stale the rows are older than they may be
     */
    public function __construct(
        public ?array $rows,
        public ?Lease $lease = null,
        public bool $dirty = false,
        public bool $stale = false,
    ) {
    }
}
