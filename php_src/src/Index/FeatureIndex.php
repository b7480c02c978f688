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
        sort($columns, SORT_STRING);
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
        $queries = array_values($queries);
        $elsewhere = array_filter($queries, fn (array $query): bool => !$this->hasBucket($query));
        if ($elsewhere) {
            $rows = $this->storage->findMulti(array_values($elsewhere), $this->sort(), $options->limit, $options->offset);
            $results = array_combine(array_keys($elsewhere), $rows);
            $queries = array_diff_key($queries, $elsewhere);
            $results += $queries ? array_combine(array_keys($queries), $this->findMulti($queries, $options)) : [];
            ksort($results);

            return $results;
        }
        $keys = array_map($this->key->of(...), $queries);
        $unique = array_values(array_unique($keys));
        $reads = $unique
            ? $this->cache->read($unique, !$this->storage->isInTransaction(), $options->stale, $this->metrics)
            : [];
        $this->countReads($reads);
        $missing = $full = [];
        foreach ($queries as $number => $query) {
            if ($reads[$keys[$number]]->rows === null) {
                $missing[$keys[$number]] = $this->propertiesOf($query);
            }
        }
        $found = $this->load($missing, $reads);
        foreach ($queries as $number => $query) {
            if ($this->wantsMore($found[$keys[$number]] ?? $reads[$keys[$number]]->rows, $options)) {
                $full[$keys[$number]] = $this->propertiesOf($query);
            }
        }
        $beyond = $this->loadBeyond($full, $options);

        $results = $shallow = [];
        foreach ($queries as $number => $query) {
            $key = $keys[$number];
            if (isset($beyond[$key])) {
                $results[$number] = $beyond[$key];
            } elseif (isset($found[$key])) {
                $results[$number] = \array_slice($found[$key], $options->offset, $options->limit);
            } else {
                foreach (\array_slice($reads[$key]->rows, $options->offset, $options->limit) as $row) {
                    $shallow[$number][] = $this->compactor->expandRow($row, $this->propertiesOf($query));
                }
                $results[$number] = $shallow[$number] ?? [];
            }
        }
        if ($shallow && $this->shallow()) {
            $results = $this->shallow()->expand($shallow, $this->key) + $results;
        }
        ksort($results);

        return $results;
    }

    /**
     * Full rows for lists of rows that have the primary key at least: one multi-get, each row is asked for once. One that has gone
     * meanwhile, or belongs to another bucket now, is left out.
     *
     * @param array<int, list<array<string, int|float|string|null>>> $lists
     * @return array<int, list<array<string, int|float|string|null>>>
     */
    public function expand(array $lists, BucketKey $bucket): array
    {
        $queries = $place = [];
        foreach ($lists as $rows) {
            foreach ($rows as $row) {
                $query = $this->propertiesOf($row);
                $key = $this->key->of($query);
                if (!isset($place[$key])) {
                    $place[$key] = \count($queries);
                    $queries[] = $query;
                }
            }
        }
        $found = $this->findMulti($queries);
        $expanded = [];
        foreach ($lists as $number => $rows) {
            $expanded[$number] = [];
            foreach ($rows as $row) {
                $full = $found[$place[$this->key->of($row)]][0] ?? null;
                if ($full && $bucket->of($full) === $bucket->of($row)) {
                    $expanded[$number][] = $full;
                }
            }
        }

        return $expanded;
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
        $this->cache->purge(array_values(array_unique(array_map($this->key->of(...), array_values($rows)))), $this->metrics);
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

    /** @param array<string, BucketRead> $reads */
    private function countReads(array $reads): void
    {
        $hits = $misses = $stale = 0;
        foreach ($reads as $read) {
            if ($read->dirty || $read->stale) {
                $stale++;
            } elseif ($read->rows === null) {
                $misses++;
            } else {
                $hits++;
            }
        }
        $this->metrics->count('hits', $hits);
        $this->metrics->count('misses', $misses);
        $this->metrics->count('stale', $stale);
    }

    /** May a bucket lack what a query wants? @param list<array<string, mixed>> $rows of the bucket */
    private function wantsMore(array $rows, FindOptions $options): bool
    {
        $wanted = $options->limit === null ? \PHP_INT_MAX : $options->limit + $options->offset;

        return $wanted > \count($rows) && !$this->isComplete($rows);
    }

    /**
     * Reads missing buckets from the storage, and puts them into the cache where this process is the one to do so.
     *
     * @param array<string, array<string, mixed>> $missing
     * @param array<string, BucketRead> $reads
     * @return array<string, list<array<string, mixed>>> full rows by key
     */
    private function load(array $missing, array $reads): array
    {
        if (!$missing) {
            return [];
        }
        $found = $this->storage->findMulti(array_values($missing), $this->sort(), $this->limit());
        $found = array_combine(array_keys($missing), $found);
        foreach ($found as $key => $rows) {
            $read = $reads[$key];
            if (!$read->lease || !$this->belong($rows, (string) $key)) {
                $read->lease?->release();
                continue;
            }
            $this->cache->fill($read, array_map($this->compactor->compactRow(...), $rows), $this->metrics);
        }

        return $found;
    }

    /**
     * @param array<string, array<string, mixed>> $full
     * @return array<string, list<array<string, mixed>>>
     */
    private function loadBeyond(array $full, FindOptions $options): array
    {
        if (!$full) {
            return [];
        }
        $rows = $this->storage->findMulti(array_values($full), $this->sort(), $options->limit, $options->offset);

        return array_combine(array_keys($full), $rows);
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
