<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

use SharedCache\Storage\Pdo\Database;

/**
 * Collections in SQLite, MariaDB or MySQL. The connection must be this object's own, not persistent, and not be taken through a fork.
 *
 * Costs: a read is one or two statements; a write about eight, within one transaction.
 */
final class PdoStorage implements Storage
{
    /** Rows in one statement: SQLite before 3.32 takes 999 values. */
    private const CHUNK = 100;
    private const COLLECTION = 'user = ? AND collection = ?';

    private readonly Database $database;
    /** @var \Closure(): int */
    private readonly \Closure $clock;
    /** @var array<string, int> tokens of outer locks, whose next write keeps them, by name */
    private array $fences = [];

    /**
     * @param \PDO $pdo of the driver sqlite (with a rollback journal) or mysql
     * @param float $wait seconds for a lock; of whole seconds in MariaDB
     * @param (callable(): int)|null $clock microseconds since the epoch
     * @throws StorageException
     */
    public function __construct(\PDO $pdo, float $wait = 10, ?callable $clock = null)
    {
        $this->clock = $clock === null ? static fn (): int => (int) (\microtime(true) * 1e6) : $clock(...);
        $this->database = Database::of($pdo, $wait);
    }

    /** Creates the tables sync_*, unless they are there. */
    public function createTables(): void
    {
        foreach ($this->database->schema() as $statement) {
            $this->database->execute($statement);
        }
    }

    public function lockForRead(string $user, string $collection): StorageLock
    {
        return $this->database->lock(Keys::checked($user), Keys::checked($collection), false);
    }

    public function lockForWrite(string $user, ?string $collection, int $fence = 0): StorageLock
    {
        $lock = $this->database->lock(Keys::checked($user), $collection === null ? null : Keys::checked($collection), true);
        if ($fence > 0) {
            [$where, $values] = $collection === null ? ['user = ?', [$user]] : [self::COLLECTION, [$user, $collection]];
            $seen = $this->database->rows("SELECT MAX(fence) AS fence FROM sync_collections WHERE $where", $values)[0]['fence'];
            if ($seen > $fence) {
                throw new LockLostException('Somebody else has taken the lock over, and has written since');
            }
            $this->fences[Keys::lock($user, $collection)] = $fence;
        }

        return $lock;
    }

    public function freeze(string $user): ?StorageLock
    {
        return $this->database->freeze(Keys::checked($user));
    }

    public function getStates(string $user): array
    {
        $states = [];
        foreach ($this->database->rows('SELECT collection, stamp, live, size FROM sync_collections WHERE user = ?', [$user]) as $row) {
            if ($row['stamp'] > 0) {
                $states[$row['collection']] = new CollectionState($row['stamp'], (bool) $row['live'], $row['size']);
            }
        }

        return $states;
    }

    public function getTimestamp(string $user): int
    {
        return $this->database->rows('SELECT MAX(stamp) AS stamp FROM sync_collections WHERE user = ?', [$user])[0]['stamp'] ?? 0;
    }

    public function getCollectionTimestamps(string $user): array
    {
        $sql = 'SELECT collection, stamp FROM sync_collections WHERE user = ? AND live = 1';

        return \array_column($this->database->rows($sql, [$user]), 'stamp', 'collection');
    }

    public function getCollectionCounts(string $user): array
    {
        return $this->sums($user, 'COUNT(i.id)');
    }

    public function getCollectionSizes(string $user): array
    {
        return $this->sums($user, 'COALESCE(SUM(i.size), 0)');
    }

    public function getTotalSize(string $user, bool $recalculate = false): int
    {
        $row = $recalculate
            ? $this->database->rows(
                'SELECT SUM(size) AS size FROM sync_items WHERE user = ? AND (expires IS NULL OR expires > ?)',
                [$user, ($this->clock)()],
            )
            : $this->database->rows('SELECT SUM(size) AS size FROM sync_collections WHERE user = ?', [$user]);

        return (int) $row[0]['size'];
    }

    public function deleteStorage(string $user): int
    {
        $lock = $this->lockForWrite($user, null);
        $stamp = 0;
        $rows = $this->database->rows('SELECT stamp FROM sync_collections WHERE user = ? AND stamp > 0', [$user]);
        if ($rows) {
            $stamp = \max(($this->clock)(), \max(\array_column($rows, 'stamp')) + 1);
            $this->database->execute('DELETE FROM sync_items WHERE user = ?', [$user]);
            $this->database->execute(
                'UPDATE sync_collections SET stamp = ?, live = 0, size = 0, fence = ? WHERE user = ? AND stamp > 0',
                [$stamp, $this->fence($user, null), $user],
            );
        }
        $this->database->execute('DELETE FROM sync_batches WHERE user = ?', [$user]);
        $lock->release();

        return $stamp;
    }

    public function getCollectionTimestamp(string $user, string $collection): int
    {
        $sql = 'SELECT stamp FROM sync_collections WHERE ' . self::COLLECTION . ' AND live = 1';
        $row = $this->database->rows($sql, [$user, $collection]);

        return $row[0]['stamp'] ?? throw new CollectionNotFoundException("No such collection: $collection");
    }

    public function getItems(string $user, string $collection, Query $query = new Query()): Page
    {
        // First the timestamp: the items are as new as that at least, which a cache relies on.
        $this->getCollectionTimestamp($user, $collection);
        $where = self::COLLECTION . ' AND (expires IS NULL OR expires > ?)';
        $values = [$user, $collection, ($this->clock)()];
        if ($query->ids !== null) {
            if (!$query->ids) {
                return new Page([]);
            }
            $where .= ' AND id IN (' . self::places(\count($query->ids)) . ')';
            \array_push($values, ...$query->ids);
        }
        if ($query->newer !== null) {
            $where .= ' AND modified > ?';
            $values[] = $query->newer;
        }
        if ($query->older !== null) {
            $where .= ' AND modified < ?';
            $values[] = $query->older;
        }
        $order = match ($query->sort) {
            Sort::Newest => 'modified DESC, id',
            Sort::Oldest => 'modified, id',
            Sort::Index => 'sortindex DESC, id',
            null => 'id',
        };
        $limit = $query->limit === null ? \PHP_INT_MAX : $query->limit + 1;
        $rows = $this->database->rows(
            "SELECT id, modified, payload, sortindex, expires FROM sync_items WHERE $where ORDER BY $order LIMIT $limit OFFSET " . $query->skip(),
            $values,
        );

        return $query->page(\array_map(self::item(...), $rows));
    }

    public function getItem(string $user, string $collection, string $id): Item
    {
        return $this->getItems($user, $collection, new Query([$id]))->items[0] ?? throw new ItemNotFoundException("No such item: $id");
    }

    public function setItems(string $user, string $collection, iterable $updates): CollectionState
    {
        $updates = ItemUpdate::byId($updates);

        return $this->write($user, $collection, false, function (int $stamp, int $now) use ($user, $collection, $updates): int {
            $size = 0;
            foreach (\array_chunk($updates, self::CHUNK) as $chunk) {
                $size += $this->replace($user, $collection, $chunk, $stamp, $now);
            }

            return $size;
        });
    }

    public function deleteItems(string $user, string $collection, array $ids): CollectionState
    {
        return $this->write($user, $collection, true, function () use ($user, $collection, $ids): int {
            $size = 0;
            foreach (\array_chunk(\array_values(\array_unique($ids)), self::CHUNK) as $chunk) {
                $size -= $this->remove(
                    self::COLLECTION . ' AND id IN (' . self::places(\count($chunk)) . ')',
                    [$user, $collection, ...$chunk],
                );
            }

            return $size;
        });
    }

    public function deleteCollection(string $user, string $collection): CollectionState
    {
        return $this->write($user, $collection, true, function () use ($user, $collection): null {
            $this->database->execute('DELETE FROM sync_items WHERE ' . self::COLLECTION, [$user, $collection]);
            $this->database->execute('DELETE FROM sync_batches WHERE ' . self::COLLECTION, [$user, $collection]);

            return null;
        });
    }

    public function createBatch(string $user, string $collection, iterable $updates = []): string
    {
        $batch = \bin2hex(\random_bytes(16));
        $now = ($this->clock)();
        $lock = $this->lockForWrite($user, $collection);
        $this->database->execute(
            'DELETE FROM sync_batches WHERE ' . self::COLLECTION . ' AND created <= ?',
            [$user, $collection, $now - self::BATCH_TTL * 1_000_000],
        );
        $this->addToBatch($user, $collection, $batch, 0, $now, $updates);
        $lock->release();

        return $batch;
    }

    public function hasBatch(string $user, string $collection, string $batch): bool
    {
        return $this->batch($user, $collection, $batch) !== null;
    }

    public function appendToBatch(string $user, string $collection, string $batch, iterable $updates): void
    {
        $lock = $this->lockForWrite($user, $collection);
        $found = $this->batch($user, $collection, $batch);
        if ($found === null) {
            $lock->release();
            throw new BatchNotFoundException("No such batch: $batch");
        }
        [$position, $created] = $found;
        $this->addToBatch($user, $collection, $batch, $position + 1, $created, $updates);
        $lock->release();
    }

    public function applyBatch(string $user, string $collection, string $batch): CollectionState
    {
        $lock = $this->lockForWrite($user, $collection);
        if ($this->batch($user, $collection, $batch) === null) {
            $lock->release();
            throw new BatchNotFoundException("No such batch: $batch");
        }
        $updates = [];
        $sql = 'SELECT content FROM sync_batches WHERE ' . self::COLLECTION . ' AND batch = ? ORDER BY position';
        foreach ($this->database->rows($sql, [$user, $collection, $batch]) as $row) {
            \array_push($updates, ...\unserialize($row['content'], ['allowed_classes' => [ItemUpdate::class]]));
        }
        $state = $this->setItems($user, $collection, $updates);
        $this->dropBatch($user, $collection, $batch);
        $lock->release();

        return $state;
    }

    public function dropBatch(string $user, string $collection, string $batch): void
    {
        $this->database->execute('DELETE FROM sync_batches WHERE ' . self::COLLECTION . ' AND batch = ?', [$user, $collection, $batch]);
    }

    /**
     * A write of a collection: what it does, a new timestamp, and what has expired for long removed.
     *
     * @param callable(int, int): (int|null) $change gets the timestamp and the time; returns by how many bytes the payloads
     *     grew, null: the collection is deleted
     */
    private function write(string $user, string $collection, bool $mustExist, callable $change): CollectionState
    {
        $lock = $this->lockForWrite($user, $collection);
        $sql = 'SELECT stamp, live, size, fence FROM sync_collections WHERE ' . self::COLLECTION;
        $old = $this->database->rows($sql, [$user, $collection])[0] ?? null;
        if ($mustExist && !($old['live'] ?? 0)) {
            // Nothing was changed: a surrounding section may go on.
            $lock->release();
            throw new CollectionNotFoundException("No such collection: $collection");
        }
        $now = ($this->clock)();
        $stamp = \max($now, ($old['stamp'] ?? 0) + 1);
        $growth = $change($stamp, $now);
        $exists = $growth !== null;
        $size = 0;
        if ($exists) {
            $expired = self::COLLECTION . ' AND expires <= ?';
            $size = ($old['size'] ?? 0) + $growth
                - $this->remove($expired, [$user, $collection, $now - self::EXPIRY_GRACE * 1_000_000]);
        }
        $fence = \max($this->fence($user, $collection), $old['fence'] ?? 0);
        $this->database->execute(
            $old === null
                ? 'INSERT INTO sync_collections (stamp, live, size, fence, user, collection) VALUES (?, ?, ?, ?, ?, ?)'
                : 'UPDATE sync_collections SET stamp = ?, live = ?, size = ?, fence = ? WHERE ' . self::COLLECTION,
            [$stamp, (int) $exists, $size, $fence, $user, $collection],
        );
        $lock->release();

        return new CollectionState($stamp, $exists, $size);
    }

    /**
     * @param list<ItemUpdate> $updates of different items
     * @return int bytes by which the payloads grew
     */
    private function replace(string $user, string $collection, array $updates, int $stamp, int $now): int
    {
        $ids = \array_map(static fn (ItemUpdate $update): string => $update->id, $updates);
        $old = $sizes = [];
        foreach ($this->itemsOf($user, $collection, $ids) as $row) {
            $old[$row['id']] = self::item($row);
            $sizes[] = $row['size'];
        }
        $values = [];
        $growth = -\array_sum($sizes);
        foreach ($updates as $update) {
            $item = $update->apply($old[$update->id] ?? null, $stamp, $now);
            $size = \strlen($item->payload);
            $growth += $size;
            \array_push($values, $user, $collection, $item->id, $item->modified, $item->payload, $size, $item->sortIndex, $item->expires);
        }
        $rows = \implode(', ', \array_fill(0, \count($updates), '(?, ?, ?, ?, ?, ?, ?, ?)'));
        $this->database->execute(
            "REPLACE INTO sync_items (user, collection, id, modified, payload, size, sortindex, expires) VALUES $rows",
            $values,
        );

        return $growth;
    }

    /** @param list<string> $ids @return list<array<string, mixed>> */
    private function itemsOf(string $user, string $collection, array $ids): array
    {
        return $this->database->rows(
            'SELECT id, modified, payload, size, sortindex, expires FROM sync_items WHERE ' . self::COLLECTION
                . ' AND id IN (' . self::places(\count($ids)) . ')',
            [$user, $collection, ...$ids],
        );
    }

    /** Removes items. @return int bytes of their payloads */
    private function remove(string $where, array $values): int
    {
        $found = $this->database->rows("SELECT COUNT(*) AS items, SUM(size) AS size FROM sync_items WHERE $where", $values)[0];
        if ($found['items']) {
            $this->database->execute("DELETE FROM sync_items WHERE $where", $values);
        }

        return (int) $found['size'];
    }

    /** @return array{int, int}|null the last position, and when it was created */
    private function batch(string $user, string $collection, string $batch): ?array
    {
        $row = $this->database->rows(
            'SELECT MAX(position) AS position, MIN(created) AS created FROM sync_batches WHERE ' . self::COLLECTION
                . ' AND batch = ? AND created > ?',
            [$user, $collection, $batch, ($this->clock)() - self::BATCH_TTL * 1_000_000],
        )[0];

        return $row['position'] === null ? null : [$row['position'], $row['created']];
    }

    private function addToBatch(
        string $user,
        string $collection,
        string $batch,
        int $position,
        int $created,
        iterable $updates,
    ): void {
        $this->database->execute(
            'INSERT INTO sync_batches (user, collection, batch, position, created, content) VALUES (?, ?, ?, ?, ?, ?)',
            [$user, $collection, $batch, $position, $created, \serialize(\is_array($updates) ? \array_values($updates) : \iterator_to_array($updates, false))],
        );
    }

    /** @return array<array-key, int> by collection, of items that have not expired */
    private function sums(string $user, string $sum): array
    {
        return \array_map('intval', \array_column($this->database->rows(
            "SELECT c.collection AS collection, $sum AS number FROM sync_collections c
                LEFT JOIN sync_items i ON i.user = c.user AND i.collection = c.collection AND (i.expires IS NULL OR i.expires > ?)
                WHERE c.user = ? AND c.live = 1 GROUP BY c.collection",
            [($this->clock)(), $user],
        ), 'number', 'collection'));
    }

    private function fence(string $user, ?string $collection): int
    {
        $name = Keys::lock($user, $collection);
        $fence = $this->fences[$name] ?? 0;
        unset($this->fences[$name]);

        return $fence;
    }

    /** @param array<string, mixed> $row */
    private static function item(array $row): Item
    {
        return new Item($row['id'], $row['modified'], $row['payload'], $row['sortindex'], $row['expires']);
    }

    private static function places(int $count): string
    {
        return \implode(', ', \array_fill(0, $count, '?'));
    }
}
