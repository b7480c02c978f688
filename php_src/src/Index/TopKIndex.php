<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/**
 * Buckets of the first rows in an order: the topics of a board that were active last.
 *
 * A list of fewer rows than the limit is complete. Of one that is full nobody knows what comes behind: when a row leaves it, and
 * none takes its place, the bucket goes.
 */
class TopKIndex extends FeatureIndex
{
    private readonly Sort $sort;

    /**
     * @param list<string> $columns
     * @param list<string>|array<string, Order> $sort columns, or directions by column; ties are broken by the primary key
     * @param Order $order of the columns without direction
     * @param int $limit rows of a bucket
     * @param UniqueFeatureIndex|null $shallow the primary index: buckets hold no more than the primary key and the sort columns;
     *     null: full rows
     * @param (callable(array<string, int|float|string|null>): bool)|null $create does a new row begin a bucket, so that it is the
     *     only row of it in the storage? Else nothing begins one but a look-up
     * @param array<string, Collation> $collations by sort column
     */
    public function __construct(
        BufferedCache $cache,
        ObjectStorage $storage,
        string $name,
        array $columns,
        array $sort,
        Order $order = Order::Asc,
        private readonly int $limit = 500,
        private readonly ?UniqueFeatureIndex $shallow = null,
        private readonly mixed $create = null,
        array $collations = [],
        Mode $mode = Mode::UpdateInPlace,
        string $version = '1',
    ) {
        if ($limit < 1) {
            throw new \InvalidArgumentException('The limit of a top-K index must be at least 1');
        }
        $primaryKey = $storage->primaryKey();
        $this->sort = new Sort($sort, $order, $primaryKey, $collations);
        $compactor = new FeatureCompactor();
        if ($shallow) {
            $compactor = new ShallowCompactor($compactor, $primaryKey, $this->sort->columns);
        }
        parent::__construct($cache, $storage, $name, $columns, $compactor, $mode, $version);
    }

    public function limit(): int
    {
        return $this->limit;
    }

    public function sort(): Sort
    {
        return $this->sort;
    }

    public function shallow(): ?UniqueFeatureIndex
    {
        return $this->shallow;
    }

    public function apply(?array $rows, RowChange $change): ?array
    {
        if ($rows === null) {
            return null;
        }
        $full = \count($rows) >= $this->limit;
        $last = $full ? $rows[\array_key_last($rows)] : null;
        $removed = false;
        if ($change->old !== null) {
            $place = $this->sort->place($rows, $change->old, $removed);
            if (!$removed && !$full) {
                return null; // It should be there.
            }
            if ($removed) {
                \array_splice($rows, $place, 1);
            }
        }
        if ($change->new === null) {
            return $removed && $full ? null : $rows;
        }
        if ($full && $this->sort->compare($change->new, $last) > 0) {
            return $removed ? null : $rows; // What comes behind the last one may come before the new one.
        }
        $place = $this->sort->place($rows, $change->new, $there);
        \array_splice($rows, $place, $there ? 1 : 0, [$change->new]);
        if (\count($rows) > $this->limit) {
            \array_pop($rows);
        }

        return $rows;
    }

    public function commutes(): bool
    {
        return true;
    }

    protected function creates(array $row): bool
    {
        return $this->create !== null && ($this->create)($row);
    }

    protected function hasBucket(array $row): bool
    {
        return true;
    }

    protected function isComplete(array $rows): bool
    {
        return \count($rows) < $this->limit;
    }
}
