<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Tests\Storage;

use SharedCache\Storage\CollectionState;
use SharedCache\Storage\Item;
use SharedCache\Storage\Page;
use SharedCache\Storage\Query;
use SharedCache\Storage\Storage;
use SharedCache\Storage\StorageLock;

/**
 * Comes between the cache and the database, and says where a write is: `lock` before it locks the database, `locked` after, `marked`
 * before it changes the database, `commit` before it commits, `committed` after; `read` after items were read. Counts what the database is asked.
 */
final class Stops implements Storage
{
    public const POINTS = ['marked', 'commit', 'committed'];

    /** @var list<string> names of methods */
    public array $calls = [];
    private int $depth = 0;
    private \Closure $at;

    /** @param (callable(string, string): void)|null $at gets the point, and the method for `marked` */
    public function __construct(private readonly Storage $storage, ?callable $at = null)
    {
        $this->at = $at ? $at(...) : static fn () => null;
    }

    public function lockForRead(string $user, string $collection): StorageLock
    {
        $this->calls[] = __FUNCTION__;

        return $this->storage->lockForRead($user, $collection);
    }

    public function lockForWrite(string $user, ?string $collection, int $fence = 0): StorageLock
    {
        ($this->at)('lock', '');
        $lock = $this->storage->lockForWrite($user, $collection, $fence);
        if ($this->depth++ === 0) {
            ($this->at)('locked', '');
        }

        return new class ($lock, function (StorageLock $lock, bool $commits): void {
            $isLast = --$this->depth === 0;
            if ($isLast && $commits) {
                ($this->at)('commit', '');
            }
            $commits ? $lock->release() : $lock->abandon();
            if ($isLast && $commits) {
                ($this->at)('committed', '');
            }
        }) implements StorageLock {
            private bool $held = true;

            public function __construct(private readonly StorageLock $lock, private readonly \Closure $leave)
            {
            }

            public function token(): int
            {
                return $this->lock->token();
            }

            public function release(): void
            {
                $this->end(true);
            }

            public function abandon(): void
            {
                $this->end(false);
            }

            public function __destruct()
            {
                $this->end(false);
            }

            private function end(bool $commits): void
            {
                if ($this->held) {
                    $this->held = false;
                    ($this->leave)($this->lock, $commits);
                }
            }
        };
    }

    public function freeze(string $user): ?StorageLock
    {
        $this->calls[] = __FUNCTION__;

        return $this->storage->freeze($user);
    }

    private function pass(string $method, array $arguments): mixed
    {
        $this->calls[] = $method;

        return $this->storage->$method(...$arguments);
    }

    private function change(string $method, array $arguments): mixed
    {
        $this->calls[] = $method;
        ($this->at)('marked', $method);

        return $this->storage->$method(...$arguments);
    }

    public function getStates(string $user): array
    {
        return $this->pass(__FUNCTION__, \func_get_args());
    }

    public function getTimestamp(string $user): int
    {
        return $this->pass(__FUNCTION__, \func_get_args());
    }

    public function getCollectionTimestamps(string $user): array
    {
        return $this->pass(__FUNCTION__, \func_get_args());
    }

    public function getCollectionCounts(string $user): array
    {
        return $this->pass(__FUNCTION__, \func_get_args());
    }

    public function getCollectionSizes(string $user): array
    {
        return $this->pass(__FUNCTION__, \func_get_args());
    }

    public function getTotalSize(string $user, bool $recalculate = false): int
    {
        $this->calls[] = $recalculate ? 'recalculate' : __FUNCTION__;
        if ($recalculate) {
            ($this->at)('recalculate', '');
        }

        return $this->storage->getTotalSize($user, $recalculate);
    }

    public function deleteStorage(string $user): int
    {
        return $this->change(__FUNCTION__, \func_get_args());
    }

    public function getCollectionTimestamp(string $user, string $collection): int
    {
        return $this->pass(__FUNCTION__, \func_get_args());
    }

    public function getItems(string $user, string $collection, Query $query = new Query()): Page
    {
        $page = $this->pass(__FUNCTION__, \func_get_args());
        ($this->at)('read', __FUNCTION__);

        return $page;
    }

    public function getItem(string $user, string $collection, string $id): Item
    {
        return $this->pass(__FUNCTION__, \func_get_args());
    }

    public function setItems(string $user, string $collection, iterable $updates): CollectionState
    {
        return $this->change(__FUNCTION__, \func_get_args());
    }

    public function deleteItems(string $user, string $collection, array $ids): CollectionState
    {
        return $this->change(__FUNCTION__, \func_get_args());
    }

    public function deleteCollection(string $user, string $collection): CollectionState
    {
        return $this->change(__FUNCTION__, \func_get_args());
    }

    public function createBatch(string $user, string $collection, iterable $updates = []): string
    {
        return $this->pass(__FUNCTION__, \func_get_args());
    }

    public function hasBatch(string $user, string $collection, string $batch): bool
    {
        return $this->pass(__FUNCTION__, \func_get_args());
    }

    public function appendToBatch(string $user, string $collection, string $batch, iterable $updates): void
    {
        $this->pass(__FUNCTION__, \func_get_args());
    }

    public function applyBatch(string $user, string $collection, string $batch): CollectionState
    {
        return $this->change(__FUNCTION__, \func_get_args());
    }

    public function dropBatch(string $user, string $collection, string $batch): void
    {
        $this->pass(__FUNCTION__, \func_get_args());
    }
}
