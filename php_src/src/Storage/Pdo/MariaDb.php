<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage\Pdo;

use SharedCache\Storage\ConflictException;
use SharedCache\Storage\LockLostException;
use SharedCache\Storage\StorageException;

/**
 * MariaDB, and MySQL from 8.0. Rows are the locks: a reader shares that of the collection, a writer excludes others from it, and
 * shares that of the user; who freezes a user, or deletes all of him, excludes others from that.
 */
final class MariaDb extends Database
{
    private const LOCK_WAIT_TIMEOUT = 1205;
    private const DEADLOCK = 1213;
    /** MySQL: a row is locked, and NOWAIT was said. */
    private const NOWAIT = 3572;
    /** Gone away, lost, killed, server shuts down. */
    private const LOST = [2006, 2013, 1927, 1053, 4031];

    public function schema(): array
    {
        $name = 'VARBINARY(64) NOT NULL';
        $table = 'ENGINE=InnoDB DEFAULT CHARACTER SET binary';

        return [
            "CREATE TABLE IF NOT EXISTS sync_users (user $name, PRIMARY KEY (user)) $table",
            "CREATE TABLE IF NOT EXISTS sync_collections (user $name, collection $name, stamp BIGINT NOT NULL, live TINYINT NOT NULL,
                size BIGINT NOT NULL, fence BIGINT NOT NULL, PRIMARY KEY (user, collection)) $table",
            "CREATE TABLE IF NOT EXISTS sync_items (user $name, collection $name, id $name, modified BIGINT NOT NULL,
                payload LONGBLOB NOT NULL, size BIGINT NOT NULL, sortindex BIGINT, expires BIGINT,
                PRIMARY KEY (user, collection, id), KEY modified (user, collection, modified),
                KEY expires (user, collection, expires)) $table",
            "CREATE TABLE IF NOT EXISTS sync_batches (user $name, collection $name, batch $name, position INT NOT NULL,
                created BIGINT NOT NULL, content LONGBLOB NOT NULL, PRIMARY KEY (user, collection, batch, position)) $table",
        ];
    }

    protected function configure(): void
    {
        // Locks make what is read belong together. A snapshot of the transaction's begin would be older than its later locks.
        $this->pdo->exec('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
        $this->pdo->exec('SET SESSION innodb_lock_wait_timeout = ' . (int) \ceil($this->wait));
        $this->pdo->exec("SET SESSION sql_mode = 'STRICT_ALL_TABLES'");
    }

    protected function acquire(string $user, ?string $collection, bool $writing, bool $begun): void
    {
        if (!$begun) {
            $this->pdo->exec('BEGIN');
        }
        while (!$this->lockRows($user, $collection, $writing)) {
            if ($begun) {
                // This one excludes other readers, since it inserts: once for a collection, ever.
                $this->createRows($user, $collection, 'INSERT', 'ON DUPLICATE KEY UPDATE user = VALUES(user)');
            } else {
                // Outside of the transaction: rows that it inserts are locked to its end, for readers, too.
                $this->pdo->exec('ROLLBACK');
                $this->createRows($user, $collection, 'INSERT IGNORE', '');
                $this->pdo->exec('BEGIN');
            }
        }
    }

    protected function tryFreeze(string $user): bool
    {
        $this->pdo->exec('BEGIN');
        try {
            while (!$this->has('SELECT 1 FROM sync_users WHERE user = ? FOR UPDATE NOWAIT', [$user])) {
                $this->pdo->exec('ROLLBACK');
                $this->createRows($user, null, 'INSERT IGNORE', '');
                $this->pdo->exec('BEGIN');
            }

            return true;
        } catch (\PDOException $error) {
            if (!\in_array($this->code($error), [self::LOCK_WAIT_TIMEOUT, self::DEADLOCK, self::NOWAIT], true)) {
                throw $error;
            }
            $this->tryRollBack();

            return false;
        }
    }

    protected function translate(\PDOException $error): StorageException
    {
        $code = $this->code($error);

        return match (true) {
            $code === self::LOCK_WAIT_TIMEOUT => new ConflictException('The database was locked for too long', 0, $error),
            $code === self::DEADLOCK => new ConflictException('The database has ended this one to break a deadlock', 0, $error),
            \in_array($code, self::LOST, true) => new LockLostException('The connection was lost, and its locks', 0, $error),
            default => new StorageException($error->getMessage(), 0, $error),
        };
    }

    /** @return bool false: a row is not there */
    private function lockRows(string $user, ?string $collection, bool $writing): bool
    {
        if ($collection === null) {
            if (!$this->has('SELECT 1 FROM sync_users WHERE user = ? FOR UPDATE', [$user])) {
                return false;
            }
            $this->statement('SELECT 1 FROM sync_collections WHERE user = ? FOR UPDATE', [$user])->closeCursor();

            return true;
        }
        if (!$writing) {
            return $this->has('SELECT 1 FROM sync_collections WHERE user = ? AND collection = ? LOCK IN SHARE MODE', [$user, $collection]);
        }

        return $this->has('SELECT 1 FROM sync_users WHERE user = ? LOCK IN SHARE MODE', [$user])
            && $this->has('SELECT 1 FROM sync_collections WHERE user = ? AND collection = ? FOR UPDATE', [$user, $collection]);
    }

    private function createRows(string $user, ?string $collection, string $insert, string $otherwise): void
    {
        $this->statement("$insert INTO sync_users (user) VALUES (?) $otherwise", [$user]);
        if ($collection !== null) {
            $this->statement(
                "$insert INTO sync_collections (user, collection, stamp, live, size, fence) VALUES (?, ?, 0, 0, 0, 0) $otherwise",
                [$user, $collection],
            );
        }
    }

    private function has(string $sql, array $values): bool
    {
        $statement = $this->statement($sql, $values);
        $row = $statement->fetch();
        $statement->closeCursor();

        return $row !== false;
    }

    private function code(\PDOException $error): int
    {
        return (int) ($error->errorInfo[1] ?? 0);
    }
}
