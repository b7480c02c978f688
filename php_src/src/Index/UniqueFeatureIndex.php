<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/**
 * Buckets of one row at most. One of them, over the primary key, is the primary index: it has the full rows, to which the others
 * point. That there is no row is known, too.
 */
class UniqueFeatureIndex extends FeatureIndex
{
    /**
     * @param list<string> $columns of a unique key of the storage
     * @param UniqueFeatureIndex|null $shallow the primary index, if this one is to hold no more than the primary key
     */
    public function __construct(
        BufferedCache $cache,
        ObjectStorage $storage,
        string $name,
        array $columns,
        private readonly ?UniqueFeatureIndex $shallow = null,
        Mode $mode = Mode::UpdateInPlace,
        string $version = '1',
    ) {
        $compactor = new FeatureCompactor();
        if ($shallow) {
            $compactor = new ShallowCompactor($compactor, $shallow->columns(), []);
        }
        parent::__construct($cache, $storage, $name, $columns, $compactor, $mode, $version);
    }

    public function limit(): int
    {
        return 1;
    }

    public function sort(): ?Sort
    {
        return null;
    }

    public function shallow(): ?UniqueFeatureIndex
    {
        return $this->shallow;
    }

    public function apply(?array $rows, RowChange $change): ?array
    {
        return $change->new === null ? [] : [$change->new];
    }

    public function commutes(): bool
    {
        return false; // What is written last stays.
    }

    protected function creates(array $row): bool
    {
        return false; // The rows need not be known.
    }

    protected function hasBucket(array $row): bool
    {
        foreach ($this->columns() as $column) {
            if ($row[$column] === null) {
                return false; // In SQL, any number of rows may have null in a unique key.
            }
        }

        return true;
    }

    protected function isComplete(array $rows): bool
    {
        return true;
    }
}
