<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage\Pdo;

use SharedCache\Storage\ConflictException;
use SharedCache\Storage\LockUpgradeException;
use SharedCache\Storage\StorageException;

/**
 * SQLite has one lock for the whole file, shared by readers, exclusive for a writer. It needs a rollback journal: with a
 * write-ahead log a writer does not wait for readers, and what a reader sees in the cache and in the file would differ.
 */
final class Sqlite extends Database
{
    public function schema(): array
    {
        return [
            'CREATE TABLE IF NOT EXISTS sync_collections (user TEXT NOT NULL, collection TEXT NOT NULL, stamp INTEGER NOT NULL,
                live INTEGER NOT NULL, size INTEGER NOT NULL, fence INTEGER NOT NULL, PRIMARY KEY (user, collection)) WITHOUT ROWID',
            'CREATE TABLE IF NOT EXISTS sync_items (user TEXT NOT NULL, collection TEXT NOT NULL, id TEXT NOT NULL,
                modified INTEGER NOT NULL, payload BLOB NOT NULL, size INTEGER NOT NULL, sortindex INTEGER, expires INTEGER,
                PRIMARY KEY (user, collection, id)) WITHOUT ROWID',
            'CREATE INDEX IF NOT EXISTS sync_items_modified ON sync_items (user, collection, modified)',
            'CREATE INDEX IF NOT EXISTS sync_items_expires ON sync_items (user, collection, expires) WHERE expires IS NOT NULL',
            'CREATE TABLE IF NOT EXISTS sync_batches (user TEXT NOT NULL, collection TEXT NOT NULL, batch TEXT NOT NULL,
                position INTEGER NOT NULL, created INTEGER NOT NULL, content BLOB NOT NULL,
                PRIMARY KEY (user, collection, batch, position)) WITHOUT ROWID',
        ];
    }

    private bool $isChecked = false;

    protected function configure(): void
    {
        $this->pdo->exec('PRAGMA busy_timeout = ' . (int) ($this->wait * 1000));
    }

    protected function acquire(string $user, ?string $collection, bool $writing, bool $begun): void
    {
        if (!$begun) {
            $this->begin($writing);
        } elseif ($writing && !$this->writes) {
            throw new LockUpgradeException('SQLite has one lock, which is held for reading, and is asked for writing');
        }
    }

    protected function tryFreeze(string $user): bool
    {
        $this->pdo->exec('PRAGMA busy_timeout = 0');
        try {
            $this->begin(false);

            return true;
        } catch (\PDOException $error) {
            if (!$this->isBusy($error)) {
                throw $error;
            }
            $this->tryRollBack();

            return false;
        } finally {
            $this->pdo->exec('PRAGMA busy_timeout = ' . (int) ($this->wait * 1000));
        }
    }

    protected function translate(\PDOException $error): StorageException
    {
        return $this->isBusy($error)
            ? new ConflictException('The database was locked for too long', 0, $error)
            : new StorageException($error->getMessage(), 0, $error);
    }

    private function begin(bool $writing): void
    {
        $this->pdo->exec($writing ? 'BEGIN EXCLUSIVE' : 'BEGIN');
        if (!$writing) {
            // It is the first read that locks.
            $this->statement('SELECT 1 FROM sync_collections LIMIT 1')->closeCursor();
        }
        if (!$this->isChecked) {
            $this->check();
        }
    }

    private function check(): void
    {
        $statement = $this->statement('PRAGMA journal_mode');
        $mode = $statement->fetchColumn();
        $statement->closeCursor();
        if ($mode === 'wal') {
            $this->tryRollBack();
            throw new StorageException('The database has a write-ahead log, with which readers do not lock: PRAGMA journal_mode = TRUNCATE');
        }
        $this->isChecked = true;
    }

    private function isBusy(\PDOException $error): bool
    {
        return \in_array($error->errorInfo[1] ?? 0, [5, 6], true);
    }
}
