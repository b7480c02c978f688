<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

use SharedCache\Pool;

/** Items are in the cache only. They are gone when the cache drops them. */
final class CacheOnlyManager implements Manager
{
    /** @param \Closure(): int $clock microseconds since the epoch */
    public function __construct(private readonly Pool $pool, private readonly Locks $locks, private readonly \Closure $clock)
    {
    }

    /**
     * What there is of some collections.
     *
     * @param list<string> $collections
     * @return array<array-key, Document> by collection, those that were deleted included
     */
    public function documents(string $user, array $collections): array
    {
        $keys = [];
        foreach ($collections as $collection) {
            $keys[$collection] = Keys::collection($user, $collection);
        }
        $values = $keys ? $this->pool->getMulti($keys) : [];
        $documents = [];
        foreach ($keys as $collection => $key) {
            if (isset($values[$key])) {
                $documents[$collection] = Document::fromArray($values[$key]);
            }
        }

        return $documents;
    }

    public function getTimestamp(string $user, string $collection): int
    {
        return $this->document($user, $collection)->stamp;
    }

    public function getItems(string $user, string $collection, Query $query): Page
    {
        return $this->document($user, $collection)->page($query, ($this->clock)());
    }

    public function getItem(string $user, string $collection, string $id): Item
    {
        return $this->document($user, $collection)->item($id, ($this->clock)())
            ?? throw new ItemNotFoundException("No such item: $id");
    }

    public function setItems(string $user, string $collection, array $updates): CollectionState
    {
        return $this->write(
            $user,
            $collection,
            false,
            static fn (Document $old, int $stamp, int $now, int $fence): Document => $old->updated($updates, $stamp, $now, $fence),
        );
    }

    public function deleteItems(string $user, string $collection, array $ids): CollectionState
    {
        return $this->write(
            $user,
            $collection,
            true,
            static fn (Document $old, int $stamp, int $now, int $fence): Document => $old->without($ids, $stamp, $fence),
        );
    }

    public function deleteCollection(string $user, string $collection): CollectionState
    {
        return $this->write(
            $user,
            $collection,
            true,
            function (Document $old, int $stamp, int $now, int $fence) use ($user, $collection): Document {
                $this->pool->delete(Keys::batches($user, $collection));

                return $old->deleted($stamp, $fence);
            },
        );
    }

    public function createBatch(string $user, string $collection, array $updates): string
    {
        $batch = \bin2hex(\random_bytes(16));
        $oldest = ($this->clock)() - Storage::BATCH_TTL * 1_000_000;
        $this->change($user, $collection, function (array $batches) use ($batch, $updates, $oldest): array {
            $batches = \array_filter($batches, static fn (array $other): bool => $other[0] > $oldest);

            return $batches + [$batch => [($this->clock)(), self::pack($updates)]];
        });

        return $batch;
    }

    public function hasBatch(string $user, string $collection, string $batch): bool
    {
        return isset($this->batches($user, $collection)[$batch]);
    }

    public function appendToBatch(string $user, string $collection, string $batch, array $updates): void
    {
        $this->change($user, $collection, static function (array $batches) use ($batch, $updates): array {
            if (!isset($batches[$batch])) {
                throw new BatchNotFoundException("No such batch: $batch");
            }
            \array_push($batches[$batch][1], ...self::pack($updates));

            return $batches;
        });
    }

    public function applyBatch(string $user, string $collection, string $batch): CollectionState
    {
        $lock = $this->locks->forWrite($user, $collection);
        $found = $this->batches($user, $collection)[$batch] ?? throw new BatchNotFoundException("No such batch: $batch");
        $updates = \array_map(static fn (array $update): ItemUpdate => new ItemUpdate(...$update), $found[1]);
        $state = $this->setItems($user, $collection, ItemUpdate::byId($updates));
        $this->dropBatch($user, $collection, $batch);
        $lock->release();

        return $state;
    }

    public function dropBatch(string $user, string $collection, string $batch): void
    {
        $this->change($user, $collection, static fn (array $batches): array => \array_diff_key($batches, [$batch => true]));
    }

    /** @throws CollectionNotFoundException */
    private function document(string $user, string $collection): Document
    {
        $value = $this->pool->get(Keys::collection($user, $collection));
        if (!($value[1] ?? false)) {
            throw $value !== null || Pool::isEnabled()
                ? new CollectionNotFoundException("No such collection: $collection")
                : new StorageException("The cache cannot be reached, which has the collection $collection");
        }

        return Document::fromArray($value);
    }

    /** @param callable(Document, int, int, int): Document $change gets what is there, the timestamp, the time and the fencing token */
    private function write(string $user, string $collection, bool $mustExist, callable $change): CollectionState
    {
        $lock = $this->locks->forWrite($user, $collection);
        $fence = $lock->token();
        $state = null;
        $stored = $this->pool->merge(
            Keys::collection($user, $collection),
            function (?array $value) use ($collection, $mustExist, $change, $fence, &$state): array {
                $old = $value === null ? Document::none() : Document::fromArray($value);
                if ($old->fence > $fence) {
                    throw new LockLostException('Somebody else has taken the lock over, and has written since');
                }
                if ($mustExist && !$old->exists) {
                    throw new CollectionNotFoundException("No such collection: $collection");
                }
                $now = ($this->clock)();
                $new = $change($old, \max($now, $old->stamp + 1), $now, $fence)->purged($now - Storage::EXPIRY_GRACE * 1_000_000);
                $state = $new->state();

                return $new->toArray();
            },
        );
        if (!$stored) {
            throw new StorageException("There is no room in the cache for the collection $collection");
        }
        $lock->release();

        return $state;
    }

    /** @return array<string, array{int, list<array>}> when it was created, and updates, by id */
    private function batches(string $user, string $collection): array
    {
        $oldest = ($this->clock)() - Storage::BATCH_TTL * 1_000_000;

        return \array_filter(
            $this->pool->get(Keys::batches($user, $collection), []),
            static fn (array $batch): bool => $batch[0] > $oldest,
        );
    }

    /** @param callable(array): array $change of all batches */
    private function change(string $user, string $collection, callable $change): void
    {
        $lock = $this->locks->forWrite($user, $collection);
        $batches = $change($this->batches($user, $collection));
        if (!$this->pool->set(Keys::batches($user, $collection), $batches, Storage::BATCH_TTL)) {
            throw new StorageException("There is no room in the cache for a batch of $collection");
        }
        $lock->release();
    }

    /** @param list<ItemUpdate> $updates @return list<array> */
    private static function pack(array $updates): array
    {
        return \array_map(
            static fn (ItemUpdate $update): array => [$update->id, $update->payload, $update->sortIndex, $update->ttl],
            $updates,
        );
    }
}
