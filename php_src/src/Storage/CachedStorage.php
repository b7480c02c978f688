<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

use SharedCache\Pool;

/**
 * A storage behind a cache: timestamps and sizes of a user's collections in one entry, and the items of chosen collections in one
 * entry each. All who write to the storage beneath must do so through one of these, of the same segment and prefix.
 *
 * A write marks its collection's slot in the cache, changes the database, and puts the new timestamp there. While a slot is marked, the
 * database is asked; so neither a write that is under way nor one that has died shows something old.
 */
final class CachedStorage implements Storage
{
    private readonly Pool $pool;
    private readonly MetadataCache $metadata;
    private readonly Transaction $transaction;
    private readonly Locks $locks;
    private readonly UncachedManager $uncached;
    private readonly CachedManager $cached;
    private readonly CacheOnlyManager $cacheOnly;
    /** @var array<array-key, true> */
    private readonly array $cachedCollections;
    /** @var array<array-key, true> */
    private readonly array $cacheOnlyCollections;
    /** @var list<string> */
    private readonly array $cacheOnlyNames;
    /** @var \Closure(): int */
    private readonly \Closure $clock;

    /**
     * @param Storage $source where all is; not shared with another CachedStorage
     * @param string $keyPrefix the pool's
     * @param list<string> $cachedCollections whose items are in the cache, too
     * @param list<string> $cacheOnlyCollections whose items are in the cache only
     * @param bool $cacheLock collections are locked in the cache, which reaches as far as the segment; else in the database
     * @param float $lockTtl seconds after which a lock in the cache can be taken over, although its holder lives; 0: never
     * @param float $lockWait seconds to wait for a lock in the cache
     * @param (callable(): int)|null $clock microseconds since the epoch
     * @throws \SharedCache\ExtensionMissingException
     */
    public function __construct(
        private readonly Storage $source,
        string $keyPrefix = 'sync',
        array $cachedCollections = [],
        array $cacheOnlyCollections = [],
        bool $cacheLock = false,
        float $lockTtl = 300,
        float $lockWait = 10,
        ?callable $clock = null,
    ) {
        $clock = $clock === null ? Pool::now(...) : $clock(...);
        $this->cachedCollections = \array_fill_keys($cachedCollections, true);
        $this->cacheOnlyCollections = \array_fill_keys($cacheOnlyCollections, true);
        $this->cacheOnlyNames = \array_values($cacheOnlyCollections);
        if (\array_intersect_key($this->cachedCollections, $this->cacheOnlyCollections)) {
            throw new \InvalidArgumentException('A collection is either cached, or in the cache only');
        }
        $this->pool = new Pool($keyPrefix);
        $this->metadata = new MetadataCache($this->pool, $source, $clock);
        $this->transaction = new Transaction($source, $this->metadata);
        $this->locks = new Locks(
            $this->pool,
            $this->transaction,
            $this->metadata,
            $this->cacheOnlyCollections,
            $cacheLock,
            $lockTtl,
            $lockWait,
        );
        $this->uncached = new UncachedManager($source, $this->metadata, $this->transaction, $this->locks);
        $this->cached = new CachedManager($source, $this->metadata, $this->transaction, $this->locks, $this->pool, $clock);
        $this->cacheOnly = new CacheOnlyManager($this->pool, $this->locks, $clock);
        $this->clock = $clock;
    }

    public function lockForRead(string $user, string $collection): StorageLock
    {
        return $this->locks->forRead($user, $collection);
    }

    public function lockForWrite(string $user, ?string $collection, int $fence = 0): StorageLock
    {
        return $this->locks->forWrite($user, $collection, $fence);
    }

    public function freeze(string $user): ?StorageLock
    {
        return $this->source->freeze($user);
    }

    public function getStates(string $user): array
    {
        $metadata = $this->known($user);
        $states = \array_diff_key($metadata ? $metadata->states() : $this->source->getStates($user), $this->cacheOnlyCollections);
        foreach ($this->documents($user) as $collection => $document) {
            $states[$collection] = $document->state();
        }

        return $states;
    }

    public function getTimestamp(string $user): int
    {
        $stamps = $this->stamps($user, true);

        return $stamps ? \max($stamps) : 0;
    }

    public function getCollectionTimestamps(string $user): array
    {
        return $this->stamps($user, false);
    }

    public function getCollectionCounts(string $user): array
    {
        $counts = \array_diff_key($this->source->getCollectionCounts($user), $this->cacheOnlyCollections);
        foreach ($this->existing($user) as $collection => $document) {
            $counts[$collection] = $document->count(($this->clock)());
        }

        return $counts;
    }

    public function getCollectionSizes(string $user): array
    {
        $sizes = \array_diff_key($this->source->getCollectionSizes($user), $this->cacheOnlyCollections);
        foreach ($this->existing($user) as $collection => $document) {
            $sizes[$collection] = $document->size;
        }

        return $sizes;
    }

    public function getTotalSize(string $user, bool $recalculate = false): int
    {
        $size = 0;
        foreach ($this->documents($user) as $document) {
            $size += $document->size;
        }
        $metadata = $this->known($user);

        return $size + match (true) {
            $metadata === null => $this->source->getTotalSize($user),
            $recalculate => $this->metadata->recalculate($user, $metadata),
            default => $metadata->size,
        };
    }

    public function deleteStorage(string $user): int
    {
        $lock = $this->locks->forWrite($user, null);
        try {
            $stamp = 0;
            foreach ($this->existing($user) as $collection => $_) {
                $stamp = \max($stamp, $this->cacheOnly->deleteCollection($user, (string) $collection)->stamp);
            }
            foreach ($this->cacheOnlyCollections as $collection => $_) {
                $this->pool->delete(Keys::batches($user, (string) $collection));
            }
            $pending = [];
            foreach ($this->source->getStates($user) as $collection => $_) {
                $pending[] = $this->transaction->mark($user, (string) $collection);
                $this->pool->delete(Keys::collection($user, (string) $collection));
            }
            $deleted = $this->source->deleteStorage($user);
            foreach ($pending as $write) {
                $write->state = new CollectionState($deleted, false, 0);
                $write->document = null;
            }
        } catch (\Throwable $error) {
            $lock->abandon();
            throw $error;
        }
        $lock->release();

        return \max($stamp, $deleted);
    }

    public function getCollectionTimestamp(string $user, string $collection): int
    {
        return $this->manager($collection)->getTimestamp($user, $collection);
    }

    public function getItems(string $user, string $collection, Query $query = new Query()): Page
    {
        return $this->manager($collection)->getItems($user, $collection, $query);
    }

    public function getItem(string $user, string $collection, string $id): Item
    {
        return $this->manager($collection)->getItem($user, $collection, $id);
    }

    public function setItems(string $user, string $collection, iterable $updates): CollectionState
    {
        return $this->manager($collection)->setItems($user, $collection, ItemUpdate::byId($updates));
    }

    public function deleteItems(string $user, string $collection, array $ids): CollectionState
    {
        return $this->manager($collection)->deleteItems($user, $collection, $ids);
    }

    public function deleteCollection(string $user, string $collection): CollectionState
    {
        return $this->manager($collection)->deleteCollection($user, $collection);
    }

    public function createBatch(string $user, string $collection, iterable $updates = []): string
    {
        return $this->manager($collection)->createBatch($user, $collection, self::listed($updates));
    }

    public function hasBatch(string $user, string $collection, string $batch): bool
    {
        return $this->manager($collection)->hasBatch($user, $collection, $batch);
    }

    public function appendToBatch(string $user, string $collection, string $batch, iterable $updates): void
    {
        $this->manager($collection)->appendToBatch($user, $collection, $batch, self::listed($updates));
    }

    public function applyBatch(string $user, string $collection, string $batch): CollectionState
    {
        return $this->manager($collection)->applyBatch($user, $collection, $batch);
    }

    public function dropBatch(string $user, string $collection, string $batch): void
    {
        $this->manager($collection)->dropBatch($user, $collection, $batch);
    }

    /**
     * @param bool $deleted also of collections that were deleted; their names may be missing then
     * @return array<array-key, int> timestamps by collection
     */
    private function stamps(string $user, bool $deleted): array
    {
        $metadata = $this->known($user);
        $stamps = $metadata?->stamps($deleted) ?? ($deleted
            ? [$this->source->getTimestamp($user)]
            : $this->source->getCollectionTimestamps($user));
        if ($this->cacheOnlyCollections) {
            foreach ($this->cacheOnlyNames as $collection) {
                unset($stamps[$collection]);
            }
            foreach ($this->documents($user) as $collection => $document) {
                if ($document->exists || $deleted) {
                    $stamps[$collection] = $document->stamp;
                }
            }
        }

        return $stamps;
    }

    private function manager(string $collection): Manager
    {
        return match (true) {
            isset($this->cachedCollections[$collection]) => $this->cached,
            isset($this->cacheOnlyCollections[$collection]) => $this->cacheOnly,
            default => $this->uncached,
        };
    }

    /** The metadata, if no slot of it has a mark. */
    private function known(string $user): ?Metadata
    {
        $metadata = $this->metadata->get($user);

        return $metadata?->isClean() ? $metadata : null;
    }

    /** @return array<array-key, Document> of the collections that are in the cache only */
    private function documents(string $user): array
    {
        return $this->cacheOnly->documents($user, $this->cacheOnlyNames);
    }

    /** @return array<array-key, Document> */
    private function existing(string $user): array
    {
        return \array_filter($this->documents($user), static fn (Document $document): bool => $document->exists);
    }

    /** @param iterable<ItemUpdate> $updates @return list<ItemUpdate> */
    private static function listed(iterable $updates): array
    {
        return \is_array($updates) ? \array_values($updates) : \iterator_to_array($updates, false);
    }
}
