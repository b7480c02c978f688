<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Examples\SyncServer;

use SharedCache\Storage\CollectionNotFoundException;
use SharedCache\Storage\ConflictException;
use SharedCache\Storage\ItemUpdate;
use SharedCache\Storage\Query;
use SharedCache\Storage\Storage;
use SharedCache\Storage\StorageLock;

/**
 * The heart of a sync server: requests of a user's devices, on collections of items. A request locks its collection for as long as
 * it takes, for reading (GET) or for writing, so that what it answers belongs together.
 */
final class SyncServer
{
    /** Milliseconds that the last request waited for its lock. */
    public float $waited = 0;
    private ?StorageLock $held = null;

    public function __construct(private readonly Storage $storage)
    {
    }

    /**
     * GET, POST or DELETE of a collection.
     *
     * @param array<string, string> $payloads by id, for POST
     * @param int|null $unmodifiedSince a POST is refused if the collection was written after that
     * @return array{status: int, timestamp: int, items: array<array-key, string>}
     */
    public function request(
        string $method,
        string $user,
        string $collection,
        array $payloads = [],
        ?int $unmodifiedSince = null,
        ?int $newer = null,
    ): array {
        try {
            $began = hrtime(true);
            $lock = $method === 'GET'
                ? $this->storage->lockForRead($user, $collection)
                : $this->storage->lockForWrite($user, $collection);
            $this->waited = (hrtime(true) - $began) / 1e6;
            $answer = match ($method) {
                'GET' => $this->get($user, $collection, new Query(newer: $newer)),
                'POST' => $this->post($user, $collection, $payloads, $unmodifiedSince),
                'DELETE' => self::answer(200, $this->storage->deleteCollection($user, $collection)->stamp),
            };
            $lock->release();

            return $answer;
        } catch (CollectionNotFoundException) {
            return self::answer(404);
        } catch (ConflictException) {
            return self::answer(503); // and the client tries again
        }
    }

    /** GET of the timestamps of all collections, which each device asks first. @return array<array-key, int> */
    public function info(string $user): array
    {
        return $this->storage->getCollectionTimestamps($user);
    }

    /** Locks a collection for reading until letGo(), as a long download does. @return float milliseconds waited for it */
    public function hold(string $user, string $collection): float
    {
        $began = hrtime(true);
        $this->held = $this->storage->lockForRead($user, $collection);

        return (hrtime(true) - $began) / 1e6;
    }

    public function letGo(): void
    {
        $this->held->release();
    }

    /** The first half of a POST: what comes before the end of its lock. */
    public function begin(string $user, string $collection, array $payloads): void
    {
        $this->held = $this->storage->lockForWrite($user, $collection);
        $this->post($user, $collection, $payloads, null);
    }

    private function get(string $user, string $collection, Query $query): array
    {
        $stamp = $this->storage->getCollectionTimestamp($user, $collection);
        $items = [];
        foreach ($this->storage->getItems($user, $collection, $query)->items as $item) {
            $items[$item->id] = $item->payload;
        }

        return self::answer(200, $stamp, $items);
    }

    private function post(string $user, string $collection, array $payloads, ?int $unmodifiedSince): array
    {
        $stamp = $this->storage->getCollectionTimestamps($user)[$collection] ?? 0;
        if ($unmodifiedSince !== null && $stamp > $unmodifiedSince) {
            return self::answer(412, $stamp);
        }
        $updates = [];
        foreach ($payloads as $id => $payload) {
            $updates[] = new ItemUpdate((string) $id, $payload);
        }

        return self::answer(200, $this->storage->setItems($user, $collection, $updates)->stamp);
    }

    private static function answer(int $status, int $timestamp = 0, array $items = []): array
    {
        return ['status' => $status, 'timestamp' => $timestamp, 'items' => $items];
    }
}
