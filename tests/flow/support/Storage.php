<?php

declare(strict_types=1);

namespace SharedCache\Tests\Flow;

use SharedCache\Index\ObjectStorage;
use SharedCache\Index\Sort;

/** Counts, and stops where a test wants it to. */
final class Storage implements ObjectStorage
{
    /** @var list<int> queries of each call */
    public array $calls = [];
    /** @var \Closure(): void|null called when rows have been read */
    public ?\Closure $afterRead = null;

    public function __construct(private readonly ObjectStorage $storage)
    {
    }

    public function primaryKey(): array
    {
        return $this->storage->primaryKey();
    }

    public function findMulti(array $queries, ?Sort $sort = null, ?int $limit = null, int $offset = 0): array
    {
        $this->calls[] = count($queries);
        $found = $this->storage->findMulti($queries, $sort, $limit, $offset);
        $this->afterRead?->__invoke();

        return $found;
    }

    public function insert(array $row): array
    {
        return $this->storage->insert($row);
    }

    public function update(array $old, array $new): void
    {
        $this->storage->update($old, $new);
    }

    public function remove(array $row): void
    {
        $this->storage->remove($row);
    }

    public function isInTransaction(): bool
    {
        return $this->storage->isInTransaction();
    }
}
