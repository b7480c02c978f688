<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/**
 * Finds and changes objects of one kind. Within BufferedCache::begin() and commit() writes are one transaction; else each call is
 * one of its own.
 */
final class ObjectManager extends ObjectLocator
{
    /** @var \WeakMap<object, array<string, int|float|string|null>> the row of each object, as the storage has it */
    private \WeakMap $rows;

    /**
     * @param list<FeatureIndex> $indexes
     * @param list<LifecycleHandler> $handlers beside the indexes
     */
    public function __construct(
        private readonly BufferedCache $cache,
        ObjectMapper $mapper,
        ObjectStorage $storage,
        array $indexes,
        array $handlers = [],
    ) {
        parent::__construct($mapper, $storage, $indexes, $handlers);
        $this->rows = new \WeakMap();
    }

    /**
     * Inserts an object, or updates one that was found or put by this manager.
     *
     * @return object as it is stored: what the mapper makes of an inserted row
     * @throws ConflictException it was changed by others since it was found
     */
    public function put(object $object): object
    {
        return $this->multiPut([$object])[0];
    }

    /**
     * All or none.
     *
     * @param list<object> $objects
     * @return list<object>
     * @throws ConflictException
     */
    public function multiPut(array $objects): array
    {
        return $this->cache->transactional(fn (): array => \array_map(
            fn (object $object): object => isset($this->rows[$object]) ? $this->update($object) : $this->insert($object),
            \array_values($objects),
        ));
    }

    /**
     * @param object $object found or put by this manager
     * @throws ConflictException it was changed by others since it was found
     */
    public function remove(object $object): void
    {
        $row = $this->rows[$object] ?? throw new \LogicException('The object was neither found nor put by this manager');
        $this->cache->transactional(function () use ($object, $row): void {
            $this->storage->remove($row);
            $this->remember($object, null);
            foreach ($this->all() as $handler) {
                $handler->onAfterRemove($object, $row);
            }
        });
    }

    /** Deletes from the cache all buckets that an object is in, as if nobody had asked for them yet. */
    public function cachePurge(object $object): void
    {
        $rows = [$this->mapper->toStorageRow($object)];
        if (isset($this->rows[$object])) {
            $rows[] = $this->rows[$object];
        }
        foreach ($this->indexes as $index) {
            $index->purge(...$rows);
        }
    }

    /** The row that an object had when it was last read or written; null: the object is new. */
    public function rowOf(object $object): ?array
    {
        return $this->rows[$object] ?? null;
    }

    public function clear(): void
    {
        $this->rows = new \WeakMap();
        parent::clear();
    }

    protected function load(array $row): object
    {
        $object = parent::load($row);
        $this->rows[$object] ??= $row;

        return $object;
    }

    private function insert(object $object): object
    {
        $row = $this->storage->insert($this->mapper->toStorageRow($object));
        $object = $this->mapper->fromStorageRow($row, $object);
        $this->remember($object, $row);
        foreach ($this->all() as $handler) {
            $handler->onAfterInsert($object, $row);
        }

        return $object;
    }

    private function update(object $object): object
    {
        $old = $this->rows[$object];
        $new = $this->mapper->toStorageRow($object) + $old;
        if (!\array_filter($new, static fn (mixed $value, string $name): bool => !\array_key_exists($name, $old)
            || $old[$name] !== $value, ARRAY_FILTER_USE_BOTH)) {
            return $object;
        }
        $this->storage->update($old, $new);
        $this->remember($object, $new);
        foreach ($this->all() as $handler) {
            $handler->onAfterUpdate($object, $old, $new);
        }

        return $object;
    }

    /** @param array<string, int|float|string|null>|null $row */
    private function remember(object $object, ?array $row): void
    {
        $before = $this->rows[$object] ?? null;
        $this->cache->onRollback(fn () => $this->setRow($object, $before));
        $this->setRow($object, $row);
    }

    /** @param array<string, int|float|string|null>|null $row */
    private function setRow(object $object, ?array $row): void
    {
        if ($row === null) {
            unset($this->rows[$object]);
        } else {
            $this->rows[$object] = $row;
        }
    }

    /** @return list<LifecycleHandler> */
    private function all(): array
    {
        return [...$this->indexes, ...$this->handlers];
    }
}
