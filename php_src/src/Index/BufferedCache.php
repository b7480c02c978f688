<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

use SharedCache\Pool;

/**
 * The cache as a transaction sees it: what it changes is buffered, seen by its own reads, and by others only after the database
 * has committed. See BucketStore for what happens then.
 *
 * Bound to a connection, begin(), commit() and rollback() are those of the database, too. Whose commits are another's, a
 * framework's, calls join(), and prepare() before, finish() after the database's commit.
 */
class BufferedCache
{
    private readonly BucketStore $store;
    private bool $active = false;
    private bool $owns = false;
    /** @var array<string, BucketChanges> by key */
    private array $changes = [];
    private ?Writer $writer = null;
    /** @var list<\Closure(): void> */
    private array $undo = [];

    /**
     * @param \PDO|null $pdo null: there is no transaction but that of the cache
     * @param float $grace seconds for which the commit of a process that died may still be on the way to the database: 0 for one
     *     that runs in the process, as SQLite does
     * @param float $leaseTtl seconds that the fill of a bucket may take
     */
    public function __construct(
        public readonly Pool $pool,
        private readonly ?\PDO $pdo = null,
        float $grace = 10,
        float $leaseTtl = 30,
    ) {
        $this->store = new BucketStore($pool, $grace, $leaseTtl);
    }

    /**
     * Begins a transaction of the database and of the cache.
     *
     * @throws \LogicException there is one already
     * @throws \PDOException
     */
    public function begin(): void
    {
        $this->start();
        try {
            if ($this->pdo && !$this->pdo->beginTransaction()) {
                throw new \RuntimeException('The database did not begin a transaction');
            }
            $this->owns = $this->pdo !== null;
        } catch (\Throwable $error) {
            $this->end();
            throw $error;
        }
    }

    /** Begins a transaction of the cache alone: that of the database is somebody else's. */
    public function join(): void
    {
        $this->start();
    }

    public function isActive(): bool
    {
        return $this->active;
    }

    /**
     * Commits the database, then the cache.
     *
     * @return bool false: the database has committed; the cache has none of the keys of this transaction, since there was no room
     * @throws \PDOException the database has not committed, or it is not known whether it has: the keys are not used until that
     *     is known
     */
    public function commit(): bool
    {
        $this->prepare();
        if ($this->owns) {
            try {
                if (!$this->pdo->commit()) {
                    throw new \RuntimeException('The database did not commit');
                }
            } catch (\Throwable $error) {
                $this->undoAfter($error);
            }
        }

        return $this->finish();
    }

    /**
     * Rolls back the database, if the transaction is its, too. What others have in the cache stays.
     *
     * @throws \PDOException
     */
    public function rollback(): void
    {
        $this->expectActive();
        try {
            if ($this->owns) {
                $this->pdo->rollBack();
            }
            $this->retract();
        } finally {
            $this->undo();
            $this->end();
        }
    }

    /**
     * Runs a function in a transaction, or in the one there is; rolls back if it throws.
     *
     * @template T
     * @param callable(): T $run
     * @return T
     */
    public function transactional(callable $run): mixed
    {
        if ($this->active) {
            return $run();
        }
        $this->begin();
        try {
            $result = $run();
            $this->commit();

            return $result;
        } catch (\Throwable $error) {
            if ($this->active) {
                $this->rollback();
            }
            throw $error;
        }
    }

    /** To be called right before the database commits: marks what the transaction changes. Once is enough. */
    public function prepare(): void
    {
        $this->expectActive();
        if ($this->writer || !$this->changes) {
            return;
        }
        $this->writer = new Writer($this->pool);
        foreach ($this->changes as $key => $changes) {
            $this->store->mark((string) $key, $this->writer, $changes);
        }
    }

    /**
     * To be called when the database has committed.
     *
     * @return bool see commit()
     */
    public function finish(): bool
    {
        $this->expectActive();
        $done = true;
        try {
            foreach ($this->writer ? $this->changes : [] as $key => $changes) {
                if (!($done = $this->store->settle((string) $key, $this->writer, $changes))) {
                    break;
                }
            }
        } catch (\Throwable $error) {
            $done = false;
            throw $error;
        } finally {
            if (!$done) {
                $this->dropAll();
            }
            $this->end();
        }

        return $done;
    }

    /**
     * Changes a bucket: at the end of the transaction. At once, if there is none: then the storage must know of it already, and
     * whoever dies in between leaves old rows.
     */
    public function change(string $key, BucketRules $rules, RowChange $change): void
    {
        if (!$this->active) {
            $changes = new BucketChanges($rules);
            $changes->add($change);
            if (!$this->store->apply($key, $changes)) {
                $rules->metrics()->count('failed');
            }

            return;
        }
        if ($this->writer) {
            throw new \LogicException('The transaction is being committed: it is too late for a change');
        }
        ($this->changes[$key] ??= new BucketChanges($rules))->add($change);
    }

    /**
     * One multi-get, see BucketStore::read(). Own changes are in it.
     *
     * @param list<string> $keys
     * @param bool $fill may what the storage says be put into the cache?
     * @param bool $stale are rows good that lack what is being committed?
     */
    public function read(array $keys, bool $fill, bool $stale, IndexMetrics $metrics): BucketReads
    {
        // In a transaction the storage shows what others do not see yet, or do not see any more.
        $fill = $fill && !$this->active && !$this->pdo?->inTransaction();
        $reads = $this->store->read($keys, $fill, $stale, $metrics);
        foreach ($this->changes ? \array_intersect_key($this->changes, \array_flip($keys)) : [] as $key => $changes) {
            $rows = $changes->apply($reads->rows[$key] ?? null);
            unset($reads->rows[$key], $reads->others[$key]);
            if ($rows === null) {
                $reads->others[$key] = new BucketRead(null);
            } else {
                $reads->rows[$key] = $rows;
            }
        }

        return $reads;
    }

    /** See BucketStore::fill(). @param list<array<string, int|float|string|null>> $rows */
    public function fill(BucketRead $read, array $rows, IndexMetrics $metrics): bool
    {
        return $read->lease !== null && $this->store->fill($read->lease, $rows, $metrics);
    }

    /**
     * Deletes buckets: whoever asks next reads the storage.
     *
     * @param list<string> $keys
     */
    public function purge(array $keys, IndexMetrics $metrics): void
    {
        $this->store->drop($keys, $metrics);
    }

    /**
     * What is to happen if the transaction is rolled back.
     *
     * @param \Closure(): void $undo
     */
    public function onRollback(\Closure $undo): void
    {
        if ($this->active) {
            $this->undo[] = $undo;
        }
    }

    /** The database's commit has failed. */
    private function undoAfter(\Throwable $error): never
    {
        try {
            if ($this->pdo->rollBack()) {
                $this->retract();
            }
        } catch (\Throwable) {
            // Nobody knows whether it has committed: the marks stay, and are those of a dead writer.
        }
        $this->undo();
        $this->end();
        throw $error;
    }

    private function retract(): void
    {
        foreach ($this->writer ? $this->changes : [] as $key => $changes) {
            $this->store->retract((string) $key, $this->writer, $changes);
        }
    }

    private function dropAll(): void
    {
        foreach ($this->changes as $key => $changes) {
            $metrics = $changes->rules->metrics();
            $metrics->count('failed');
            $this->store->drop([(string) $key], $metrics);
        }
    }

    private function start(): void
    {
        if ($this->active) {
            throw new \LogicException('There is a transaction already');
        }
        $this->active = true;
    }

    private function undo(): void
    {
        foreach (\array_reverse($this->undo) as $undo) {
            $undo();
        }
    }

    private function end(): void
    {
        $this->writer?->end();
        $this->writer = null;
        $this->changes = [];
        $this->undo = [];
        $this->active = $this->owns = false;
    }

    private function expectActive(): void
    {
        if (!$this->active) {
            throw new \LogicException('There is no transaction: call begin() or join() before');
        }
    }
}
