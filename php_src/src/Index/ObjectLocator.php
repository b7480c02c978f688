<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/** Finds objects of one kind: by the smallest index that knows the answer, else by the storage. */
class ObjectLocator
{
    private readonly BucketKey $primary;

    /**
     * @param list<FeatureIndex> $indexes
     * @param list<LifecycleHandler> $handlers beside the indexes
     */
    public function __construct(
        protected readonly ObjectMapper $mapper,
        protected readonly ObjectStorage $storage,
        protected readonly array $indexes,
        protected readonly array $handlers = [],
    ) {
        $this->primary = new BucketKey('', '', $storage->primaryKey());
    }

    /**
     * @param array<string, int|float|string|null> $query
     * @return list<object>
     */
    public function find(array $query, ?FindOptions $options = null): array
    {
        return $this->findMulti([$query], $options)[0];
    }

    /**
     * @param list<array<string, int|float|string|null>> $queries the same columns in each
     * @return list<list<object>> for each query
     * @throws \InvalidArgumentException different columns
     */
    public function findMulti(array $queries, ?FindOptions $options = null): array
    {
        if (!$queries) {
            return [];
        }
        $columns = \array_keys($queries[0]);
        foreach ($queries as $query) {
            if (\count($query) !== \count($columns) || \array_diff($columns, \array_keys($query))) {
                throw new \InvalidArgumentException('The queries of one call ask for the same columns');
            }
        }
        $index = $this->getIndexFor($columns, $options);
        $lists = $index
            ? $index->findMulti(\array_values($queries), $options)
            : $this->storage->findMulti(
                \array_values($queries),
                $options?->sorting($this->storage->primaryKey()) ?? $this->getIndexFor($columns)?->sort(),
                $options?->limit,
                $options?->offset ?? 0,
            );

        return \array_map(fn (array $rows): array => \array_map($this->load(...), $rows), $lists);
    }

    /** @param int|string|array<string, int|string> $id by column, if the primary key has several */
    public function get(int|string|array $id): ?object
    {
        return $this->getMulti([$id])[0];
    }

    /**
     * @param list<int|string|array<string, int|string>> $ids
     * @return list<object|null> for each of them
     */
    public function getMulti(array $ids): array
    {
        $columns = $this->storage->primaryKey();
        $queries = \array_map(
            static fn (int|string|array $id): array => \is_array($id) ? $id : \array_combine($columns, [$id]),
            \array_values($ids),
        );

        return \array_map(static fn (array $found): ?object => $found[0] ?? null, $this->findMulti($queries));
    }

    /**
     * The index that answers: the one with the shortest lists among those that are long enough, the one with the longest if there
     * is no limit. Null: only the storage does.
     *
     * @param list<string> $columns
     */
    public function getIndexFor(array $columns, ?FindOptions $options = null): ?FeatureIndex
    {
        $answer = \array_filter($this->indexes, static fn (FeatureIndex $index): bool => $index->canAnswer($columns, $options));
        $rank = static fn (FeatureIndex $index): int => match (true) {
            $index->sort() === null => \PHP_INT_MIN, // a unique key: there is one row at most
            $options?->limit === null => -$index->limit(),
            default => $index->limit(),
        };
        \usort($answer, static fn (FeatureIndex $a, FeatureIndex $b): int => $rank($a) <=> $rank($b));

        return $answer[0] ?? null;
    }

    /** Forgets the objects that were loaded. */
    public function clear(): void
    {
        $this->mapper->clear();
        foreach ([...$this->indexes, ...$this->handlers] as $handler) {
            $handler->onAfterClear();
        }
    }

    /** @param array<string, int|float|string|null> $row */
    protected function load(array $row): object
    {
        $object = $this->mapper->fromStorageRow($row);
        foreach ($this->handlers as $handler) {
            $handler->onAfterLoad($object, $row);
        }

        return $object;
    }

    /** @param array<string, int|float|string|null> $row */
    protected function identity(array $row): string
    {
        return $this->primary->of($row);
    }
}
