<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/** What of a bucket is asked for. */
final readonly class FindOptions
{
    /**
     * @param list<string>|array<string, Order>|null $sort as Sort's; null: as the index has it, or in no order if none answers
     * @param Order $order of the names without direction
     * @param int|null $limit rows; null: all
     * @param int $offset rows to leave out at the beginning
     * @param array<string, Collation> $collations as Sort's, for the storage
     * @param bool $stale a list that lacks what is being committed right now will do: nobody waits for the storage then
     */
    public function __construct(
        public ?array $sort = null,
        public Order $order = Order::Asc,
        public ?int $limit = null,
        public int $offset = 0,
        public array $collations = [],
        public bool $stale = false,
    ) {
        if (($limit ?? 0) < 0 || $offset < 0) {
            throw new \InvalidArgumentException('A limit and an offset must not be negative');
        }
    }

    /** @param list<string> $primaryKey */
    public function sorting(array $primaryKey): ?Sort
    {
        return $this->sort === null ? null : new Sort($this->sort, $this->order, $primaryKey, $this->collations);
    }
}
