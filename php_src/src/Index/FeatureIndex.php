<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/**
 * Finds rows by the values of some columns: one bucket in the cache for each combination of values. A look-up of any number of
 * queries costs one multi-get; of an index that holds only parts of the rows, one more, of the primary index.
 */
abstract class FeatureIndex implements BucketRules, LifecycleHandler
{
    private readonly BucketKey $key;
    private readonly IndexMetrics $metrics;

    /**
     * @param string $name of the index, the same in all processes
     * @param list<string> $columns by which it finds
     * @param string $version another one: everything is read anew
     */
    public function __construct(
        private readonly BufferedCache $cache,
        private readonly ObjectStorage $storage,
        public readonly string $name,
        array $columns,
        private readonly Compactor $compactor,
        private readonly Mode $mode,
        string $version,
    ) {
        $this->key = new BucketKey($name, $version, $columns);
        $this->metrics = new IndexMetrics($cache->pool, $name, $this->key->prefix);
    }

    /** Rows of a bucket, at most. */
    abstract public function limit(): int;

    /** The order of the rows of a bucket; null: there is one at most. */
    abstract public function sort(): ?Sort;

    /** The index that has the full rows; null: this one has. */
    abstract public function shallow(): ?UniqueFeatureIndex;

    /** Is there no other row of the new row's bucket? @param array<string, int|float|string|null> $row */
    abstract protected function creates(array $row): bool;

    /** Is there a bucket for these values? @param array<string, int|float|string|null> $row with the columns of the index */
    abstract protected function hasBucket(array $row): bool;

    /** Is a list complete? @param list<array<string, int|float|string|null>> $rows */
    abstract protected function isComplete(array $rows): bool;

    /**
     * Does the index know what is asked for? A query without limit is answered, too: what a full list may lack, the storage says.
     *
     * @param list<string> $columns of the query
     */
    public function canAnswer(array $columns, ?FindOptions $options = null): bool
    {
        \sort($columns, SORT_STRING);
        if ($columns !== $this->key->columns) {
            return false;
        }
        if ($this->sort() && $options?->limit !== null && $options->limit + $options->offset > $this->limit()) {
            return false;
        }
        $sort = $options?->sorting($this->storage->primaryKey());

        return !$sort || !$this->sort() || $sort->equals($this->sort());
    }

    /**
     * @param array<string, int|float|string|null> $query the values of the index's columns, in any order
     * @return list<array<string, int|float|string|null>>
     */
    public function find(array $query, ?FindOptions $options = null): array
    {
        return $this->findMulti([$query], $options)[0];
    }

    /**
     * @param list<array<string, int|float|string|null>> $queries
     * @return list<list<array<string, int|float|string|null>>> full rows, for each query
     */
    public function findMulti(array $queries, ?FindOptions $options = null): array
    {
        $options ??= new FindOptions();
        $keys = $byKey = $elsewhere = [];
        foreach ($queries as $number => $query) {
            if (\in_array(null, $query, true) && !$this->hasBucket($query)) {
                $elsewhere[$number] = $query;
            } else {
                $keys[$number] = $key = $this->key->of($query);
                $byKey[$key] = $query;
            }
        }
        $lists = $byKey ? $this->lists($byKey, $options) : [];
        if ($elsewhere) {
            $rows = $this->storage->findMulti(\array_values($elsewhere), $this->sort(), $options->limit, $options->offset);
            $elsewhere = \array_combine(\array_keys($elsewhere), $rows);
        }
        $results = [];
        foreach ($queries as $number => $query) {
            $results[] = $elsewhere[$number] ?? $lists[$keys[$number]];
        }

        return $results;
    }

    /**
     * @param array<string, array<string, int|float|string|null>> $queries by key; more columns do no harm
     * @return array<string, list<array<string, int|float|string|null>>> full rows, by key
     */
    private function lists(array $queries, FindOptions $options): array
    {
        $reads = $this->cache->read(\array_keys($queries), !$this->storage->isInTransaction(), $options->stale, $this->metrics);
        $this->countReads($reads);
        $lists = $reads->rows;
        $found = $reads->others ? $this->load($queries, $reads->others, $lists) : [];
        // A list that is full may lack what the query wants.
        $beyond = [];
        foreach ($lists + $found as $key => $rows) {
            if ($this->wantsMore($rows, $options)) {
                $beyond[$key] = $this->propertiesOf($queries[$key]);
            }
        }
        if ($beyond) {
            $rows = $this->storage->findMulti(\array_values($beyond), $this->sort(), $options->limit, $options->offset);
            $beyond = \array_combine(\array_keys($beyond), $rows);
            $lists = \array_diff_key($lists, $beyond);
            $found = \array_diff_key($found, $beyond);
        }
        if ($options->offset || $options->limit !== null) {
            $part = static fn (array $rows): array => \array_slice($rows, $options->offset, $options->limit);
            [$lists, $found] = [\array_map($part, $lists), \array_map($part, $found)];
        }
        if ($lists && $this->shallow()) {
            $lists = $this->shallow()->expand($lists, $this, $queries, $options->stale);
        }

        return $lists + $found + $beyond;
    }

    /**
     * Full rows for lists of compact rows: one multi-get, each row is asked for once. One that has gone meanwhile, or belongs to
     * another bucket now, is left out; one that has moved is put where it belongs.
     *
     * @param array<string, list<array<string, int|float|string|null>>> $lists by key of the other index
     * @param array<string, array<string, int|float|string|null>> $queries of the other index
     * @return array<string, list<array<string, int|float|string|null>>>
     */
    private function expand(array $lists, FeatureIndex $of, array $queries, bool $stale): array
    {
        $wanted = $keys = [];
        foreach ($lists as $list => $rows) {
            foreach ($rows as $number => $row) {
                $keys[$list][$number] = $key = $this->key->of($row);
                $wanted[$key] = $row;
            }
        }
        $found = $wanted ? $this->lists($wanted, new FindOptions(stale: $stale)) : [];
        $sort = $of->sort();
        $expanded = [];
        foreach ($lists as $list => $rows) {
            $expanded[$list] = [];
            $moved = false;
            foreach ($rows as $number => $row) {
                $full = $found[$keys[$list][$number]][0] ?? null;
                if (!$full || !$of->matches($full, $queries[$list])) {
                    continue;
                }
                $expanded[$list][] = $full;
                foreach ($sort->columns ?? [] as $column) {
                    $moved = $moved || $full[$column] !== $row[$column];
                }
            }
            if ($moved) {
                \usort($expanded[$list], $sort->compare(...));
            }
        }

        return $expanded;
    }

    /**
     * Does a row belong to the bucket of a query?
     *
     * @param array<string, int|float|string|null> $row
     * @param array<string, int|float|string|null> $query
     */
    private function matches(array $row, array $query): bool
    {
        foreach ($this->key->columns as $column) {
            if ($row[$column] !== $query[$column] && !$this->key->equals($row[$column], $query[$column])) {
                return false;
            }
        }

        return true;
    }

    public function onAfterInsert(object $object, array $new): void
    {
        $this->change($this->key->of($new), $new, null, $this->compactor->compactRow($new), $this->creates($new));
    }

    public function onAfterUpdate(object $object, array $old, array $new): void
    {
        $from = $this->key->of($old);
        $to = $this->key->of($new);
        $before = $this->compactor->compactRow($old);
        $after = $this->compactor->compactRow($new);
        if ($from !== $to) {
            $this->change($from, $old, $before, null);
            $this->change($to, $new, null, $after);
        } elseif ($before !== $after) {
            $this->change($from, $new, $before, $after);
        }
    }

    public function onAfterRemove(object $object, array $old): void
    {
        $this->change($this->key->of($old), $old, $this->compactor->compactRow($old), null);
    }

    public function onAfterLoad(object $object, array $row): void
    {
    }

    public function onAfterClear(): void
    {
    }

    /** Deletes the buckets of rows. @param array<string, int|float|string|null> ...$rows */
    public function purge(array ...$rows): void
    {
        $this->cache->purge(\array_values(\array_unique(\array_map($this->key->of(...), \array_values($rows)))), $this->metrics);
    }

    public function metrics(): IndexMetrics
    {
        return $this->metrics;
    }

    public function updatesInPlace(): bool
    {
        return $this->mode === Mode::UpdateInPlace;
    }

    /** The key in the pool of the bucket of a row or a query. @param array<string, int|float|string|null> $row */
    public function keyOf(array $row): string
    {
        return $this->key->of($row);
    }

    /** @return list<string> in the order in which they stand in keys */
    public function columns(): array
    {
        return $this->key->columns;
    }

    /**
     * @param array<string, int|float|string|null> $row
     * @param array<string, int|float|string|null>|null $old
     * @param array<string, int|float|string|null>|null $new
     */
    private function change(string $key, array $row, ?array $old, ?array $new, bool $creates = false): void
    {
        if (!$this->hasBucket($row)) {
            return;
        }
        $identity = '';
        foreach ($this->storage->primaryKey() as $column) {
            $value = (string) $row[$column];
            $identity .= \strlen($value) . ":$value";
        }
        $this->cache->change($key, $this, new RowChange($identity, $old, $new, $creates));
    }

    private function countReads(BucketReads $reads): void
    {
        $this->metrics->count('hits', \count($reads->rows));
        if ($reads->others) {
            $stale = \count(\array_filter($reads->others, static fn (BucketRead $read): bool => $read->dirty || $read->stale));
            $this->metrics->count('stale', $stale);
            $this->metrics->count('misses', \count($reads->others) - $stale);
        }
    }

    /** May a bucket lack what a query wants? @param list<array<string, mixed>> $rows of the bucket */
    private function wantsMore(array $rows, FindOptions $options): bool
    {
        $wanted = $options->limit === null ? \PHP_INT_MAX : $options->limit + $options->offset;

        return $wanted > \count($rows) && !$this->isComplete($rows);
    }

    /**
     * Reads buckets from the storage, and puts them into the cache where this process is the one to do so.
     *
     * @param array<string, array<string, mixed>> $queries by key
     * @param array<string, BucketRead> $reads those that are not clean
     * @param array<string, list<array<string, mixed>>> $lists gets those of which old rows will do
     * @return array<string, list<array<string, mixed>>> full rows of the others
     */
    private function load(array $queries, array $reads, array &$lists): array
    {
        $missing = [];
        foreach ($reads as $key => $read) {
            if ($read->rows !== null) {
                $lists[$key] = $read->rows;
            } else {
                $missing[$key] = $this->propertiesOf($queries[$key]);
            }
        }
        if (!$missing) {
            return [];
        }
        $found = $this->storage->findMulti(\array_values($missing), $this->sort(), $this->limit());
        $found = \array_combine(\array_keys($missing), $found);
        foreach ($found as $key => $rows) {
            $read = $reads[$key];
            if (!$read->lease || !$this->belong($rows, (string) $key)) {
                $read->lease?->release();
                continue;
            }
            $this->cache->fill($read, \array_map($this->compactor->compactRow(...), $rows), $this->metrics);
        }

        return $found;
    }

    /**
     * Are the rows those of that bucket? A database that finds "A" where "a" is asked for says more than the index may know.
     *
     * @param list<array<string, mixed>> $rows
     */
    private function belong(array $rows, string $key): bool
    {
        foreach ($rows as $row) {
            if ($this->key->of($row) !== $key) {
                return false;
            }
        }

        return true;
    }

    /**
     * @param array<string, mixed> $row
     * @return array<string, mixed> the columns of the index
     */
    private function propertiesOf(array $row): array
    {
        $properties = [];
        foreach ($this->key->columns as $column) {
            $properties[$column] = $row[$column];
        }

        return $properties;
    }
}
