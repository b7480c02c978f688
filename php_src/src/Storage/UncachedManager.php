<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/** Items are in the database. The cache has their collection's timestamp. */
class UncachedManager implements Manager
{
    public function __construct(
        protected readonly Storage $source,
        protected readonly MetadataCache $metadata,
        protected readonly Transaction $transaction,
        private readonly Locks $locks,
    ) {
    }

    public function getTimestamp(string $user, string $collection): int
    {
        $slot = $this->metadata->slot($user, $collection, $known);
        if (!$known) {
            return $this->source->getCollectionTimestamp($user, $collection);
        }

        return $slot?->state->exists ? $slot->state->stamp : throw new CollectionNotFoundException("No such collection: $collection");
    }

    public function getItems(string $user, string $collection, Query $query): Page
    {
        return $this->source->getItems($user, $collection, $query);
    }

    public function getItem(string $user, string $collection, string $id): Item
    {
        return $this->source->getItem($user, $collection, $id);
    }

    public function setItems(string $user, string $collection, array $updates): CollectionState
    {
        return $this->write(
            $user,
            $collection,
            fn (): CollectionState => $this->source->setItems($user, $collection, $updates),
        );
    }

    public function deleteItems(string $user, string $collection, array $ids): CollectionState
    {
        return $this->write(
            $user,
            $collection,
            fn (): CollectionState => $this->source->deleteItems($user, $collection, $ids),
        );
    }

    public function deleteCollection(string $user, string $collection): CollectionState
    {
        return $this->write(
            $user,
            $collection,
            fn (): CollectionState => $this->source->deleteCollection($user, $collection),
        );
    }

    public function createBatch(string $user, string $collection, array $updates): string
    {
        return $this->locked($user, $collection, fn (): string => $this->source->createBatch($user, $collection, $updates));
    }

    public function hasBatch(string $user, string $collection, string $batch): bool
    {
        return $this->source->hasBatch($user, $collection, $batch);
    }

    public function appendToBatch(string $user, string $collection, string $batch, array $updates): void
    {
        $this->locked($user, $collection, function () use ($user, $collection, $batch, $updates): void {
            $this->source->appendToBatch($user, $collection, $batch, $updates);
        });
    }

    public function applyBatch(string $user, string $collection, string $batch): CollectionState
    {
        return $this->write(
            $user,
            $collection,
            fn (): CollectionState => $this->source->applyBatch($user, $collection, $batch),
        );
    }

    public function dropBatch(string $user, string $collection, string $batch): void
    {
        $this->locked($user, $collection, function () use ($user, $collection, $batch): void {
            $this->source->dropBatch($user, $collection, $batch);
        });
    }

    /**
     * Changes the collection in the database: lock, mark, change, commit, and take the mark away.
     *
     * @param callable(): CollectionState $change
     * @param callable(Pending, CollectionState): void $then what becomes of the collection's items in the cache
     */
    protected function write(string $user, string $collection, callable $change, ?callable $then = null): CollectionState
    {
        return $this->locked($user, $collection, function () use ($user, $collection, $change, $then): CollectionState {
            $pending = $this->transaction->mark($user, $collection);
            $state = $change();
            if ($then) {
                $then($pending, $state);
            }

            return $pending->state = $state;
        });
    }

    /**
     * @template T
     * @param callable(): T $change within the lock of the collection, and a section of the database
     * @return T
     */
    private function locked(string $user, string $collection, callable $change): mixed
    {
        $lock = $this->locks->forWrite($user, $collection);
        $section = $this->transaction->lockForWrite($user, $collection, $lock->token());
        try {
            $result = $change();
        } catch (CollectionNotFoundException | BatchNotFoundException $error) {
            // Nothing was changed: what surrounds this may go on.
            $section->release();
            $lock->release();
            throw $error;
        } catch (\Throwable $error) {
            $section->abandon();
            $lock->abandon();
            throw $error;
        }
        $section->release();
        $lock->release();

        return $result;
    }
}
