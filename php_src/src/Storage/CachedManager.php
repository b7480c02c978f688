<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

use SharedCache\Pool;

/**
 * Write-through: items are in the database, and a copy of all of them in the cache. The copy counts while its timestamp is that of the
 * collection, and no write is under way.
 */
final class CachedManager extends UncachedManager
{
    /** @param \Closure(): int $clock microseconds since the epoch */
    public function __construct(
        Storage $source,
        MetadataCache $metadata,
        Transaction $transaction,
        Locks $locks,
        private readonly Pool $pool,
        private readonly \Closure $clock,
    ) {
        parent::__construct($source, $metadata, $transaction, $locks);
    }

    public function getItems(string $user, string $collection, Query $query): Page
    {
        $document = $this->document($user, $collection);

        return $document ? $document->page($query, ($this->clock)()) : parent::getItems($user, $collection, $query);
    }

    public function getItem(string $user, string $collection, string $id): Item
    {
        $document = $this->document($user, $collection);
        if (!$document) {
            return parent::getItem($user, $collection, $id);
        }

        return $document->item($id, ($this->clock)()) ?? throw new ItemNotFoundException("No such item: $id");
    }

    public function setItems(string $user, string $collection, array $updates): CollectionState
    {
        return $this->writeThrough(
            $user,
            $collection,
            fn (): CollectionState => $this->source->setItems($user, $collection, $updates),
            static fn (Document $old, int $stamp): ?Document => $old->updated($updates, $stamp, 0, exactly: true),
        );
    }

    public function deleteItems(string $user, string $collection, array $ids): CollectionState
    {
        return $this->writeThrough(
            $user,
            $collection,
            fn (): CollectionState => $this->source->deleteItems($user, $collection, $ids),
            static fn (Document $old, int $stamp): Document => $old->without($ids, $stamp),
        );
    }

    public function deleteCollection(string $user, string $collection): CollectionState
    {
        return $this->writeThrough(
            $user,
            $collection,
            fn (): CollectionState => $this->source->deleteCollection($user, $collection),
            static fn (): null => null,
        );
    }

    public function applyBatch(string $user, string $collection, string $batch): CollectionState
    {
        return $this->writeThrough(
            $user,
            $collection,
            fn (): CollectionState => $this->source->applyBatch($user, $collection, $batch),
            static fn (): null => null,
        );
    }

    /** @param callable(Document, int): ?Document $update the copy after it, null: it is not known */
    private function writeThrough(string $user, string $collection, callable $change, callable $update): CollectionState
    {
        $key = Keys::collection($user, $collection);

        return $this->write($user, $collection, $change, function (Pending $pending, CollectionState $state) use ($key, $update): void {
            if (!$pending->state) {
                $value = $this->pool->gets($key, $token);
                if (!$token) {
                    return;
                }
                $isCurrent = $pending->before?->isClean() && $pending->before->state->stamp === $value[0];
                $pending->document = $isCurrent ? Document::fromArray($value) : null;
                $pending->then = fn (): bool => $pending->document
                    ? $this->pool->casStore($key, $token, $pending->document->toArray())
                    : $this->pool->casDelete($key, $token);
            }
            $pending->document = $pending->document ? $update($pending->document, $state->stamp) : null;
        });
    }

    /** The copy, filled if it has to be; null: the database is to be asked. @throws CollectionNotFoundException */
    private function document(string $user, string $collection): ?Document
    {
        $slot = $this->metadata->slot($user, $collection, $known);
        if (!$known) {
            return null;
        }
        if (!$slot?->state->exists) {
            throw new CollectionNotFoundException("No such collection: $collection");
        }
        $key = Keys::collection($user, $collection);
        $value = $this->pool->gets($key, $token);
        if ($token && $value[0] === $slot->state->stamp) {
            return Document::fromArray($value);
        }

        // First the timestamp: if somebody writes in between, the copy has the older one, and is never used.
        $stamp = $this->source->getCollectionTimestamp($user, $collection);
        $document = Document::of($stamp, $this->source->getItems($user, $collection)->items);
        $this->pool->casStore($key, $token, $document->toArray());

        return $document;
    }
}
