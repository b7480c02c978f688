<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage\Pdo;

use SharedCache\Key;
use SharedCache\Storage\ConflictException;
use SharedCache\Storage\LockLostException;
use SharedCache\Storage\LockUpgradeException;
use SharedCache\Storage\RolledBackException;
use SharedCache\Storage\StorageException;

/**
 * A connection, its transaction, and the locks that live as long as that. The outermost lock begins the transaction, and its
 * release commits it.
 */
abstract class Database
{
    /** @var array<string, \PDOStatement> */
    private array $statements = [];
    /** @var array<string, array{bool, int}> by name: for writing, and how often */
    private array $held = [];
    private int $depth = 0;
    /** Has something failed in this transaction? Nothing more is done in it then. */
    private ?\Throwable $failure = null;
    /** Does this transaction hold a lock for writing? */
    protected bool $writes = false;

    /** @param float $wait seconds for a lock */
    final public function __construct(protected readonly \PDO $pdo, protected readonly float $wait)
    {
        $pdo->setAttribute(\PDO::ATTR_ERRMODE, \PDO::ERRMODE_EXCEPTION);
        $this->configure();
    }

    /** @throws StorageException a kind of database that is not supported, or set in a way that is not */
    final public static function of(\PDO $pdo, float $wait): self
    {
        return match ($kind = $pdo->getAttribute(\PDO::ATTR_DRIVER_NAME)) {
            'sqlite' => new Sqlite($pdo, $wait),
            'mysql' => new MariaDb($pdo, $wait),
            default => throw new StorageException("Not a database for a storage: $kind (there are: sqlite, mysql)"),
        };
    }

    /** @return list<string> statements that create the tables, unless they are there */
    abstract public function schema(): array;

    /** Settings of the connection. */
    abstract protected function configure(): void;

    /**
     * Begins a transaction, unless one has begun, and locks. Throws \PDOException or StorageException; the transaction is rolled back
     * then if it has begun it.
     *
     * @param string|null $collection null: the user's whole storage
     */
    abstract protected function acquire(string $user, ?string $collection, bool $writing, bool $begun): void;

    /** Begins a transaction that keeps all others from writing for the user; false: somebody writes. Does not wait. */
    abstract protected function tryFreeze(string $user): bool;

    /** What an error of the database is to us. */
    abstract protected function translate(\PDOException $error): StorageException;

    final public function lock(string $user, ?string $collection, bool $writing): PdoLock
    {
        $whole = Key::of($user);
        $name = $collection === null ? $whole : Key::of($user, $collection);
        $held = $this->held[$name] ?? null;
        if ($held === null) {
            if ($collection === null && $this->holdsAnyOf($user)) {
                throw new LockUpgradeException('The lock of a whole storage is asked for inside that of a collection of it');
            }
            if (!isset($this->held[$whole])) {
                $this->enter($user, $collection, $writing);
            }
        } elseif ($writing && !$held[0] && !isset($this->held[$whole])) {
            throw new LockUpgradeException("The lock of $name is asked for writing while it is held for reading");
        }
        $this->writes = $this->writes || $writing;
        $this->held[$name] = [($held[0] ?? false) || $writing, ($held[1] ?? 0) + 1];
        $this->depth++;

        return new PdoLock($this, $name);
    }

    final public function freeze(string $user): ?PdoLock
    {
        if ($this->depth > 0 || $this->pdo->inTransaction()) {
            return null;
        }
        try {
            if (!$this->tryFreeze($user)) {
                return null;
            }
        } catch (\PDOException $error) {
            $this->tryRollBack();
            throw $this->translate($error);
        }
        $this->held[''] = [false, 1];
        $this->depth = 1;

        return new PdoLock($this, '');
    }

    /** @internal PdoLock */
    final public function leave(string $name, bool $success): void
    {
        if (!$success) {
            $this->failure ??= new StorageException('A section was left without release()');
        }
        if (--$this->held[$name][1] === 0) {
            unset($this->held[$name]);
        }
        if (--$this->depth > 0) {
            return;
        }
        $failure = $this->failure;
        $this->failure = null;
        $this->writes = false;
        if ($failure) {
            $this->tryRollBack();
            if ($failure instanceof LockLostException) {
                throw $failure;
            }
            throw new RolledBackException("All was undone: {$failure->getMessage()}", 0, $failure);
        }
        try {
            $this->pdo->exec('COMMIT');
        } catch (\PDOException $error) {
            $this->tryRollBack();
            throw $this->translate($error);
        }
    }

    /**
     * @param list<string|int|null> $values
     * @return list<array<string, mixed>>
     */
    final public function rows(string $sql, array $values = []): array
    {
        $statement = $this->run($sql, $values);
        $rows = $statement->fetchAll(\PDO::FETCH_ASSOC);
        $statement->closeCursor();

        return $rows;
    }

    /** @param list<string|int|null> $values @return int rows that were touched */
    final public function execute(string $sql, array $values = []): int
    {
        $statement = $this->run($sql, $values);
        $count = $statement->rowCount();
        $statement->closeCursor();

        return $count;
    }

    private function run(string $sql, array $values): \PDOStatement
    {
        if ($this->failure) {
            throw new StorageException("Nothing more is done, since it will be undone: {$this->failure->getMessage()}", 0, $this->failure);
        }
        try {
            return $this->statement($sql, $values);
        } catch (\PDOException $error) {
            $error = $this->translate($error);
            if ($this->depth > 0) {
                // MariaDB has rolled back already if it was a deadlock, and what followed would be no part of it.
                $this->failure = $error;
            }
            throw $error;
        }
    }

    /** As run(), for those who translate errors themselves. @throws \PDOException */
    final protected function statement(string $sql, array $values = []): \PDOStatement
    {
        $statement = $this->statements[$sql] ??= $this->pdo->prepare($sql);
        foreach ($values as $i => $value) {
            $statement->bindValue($i + 1, $value, match (true) {
                \is_int($value) => \PDO::PARAM_INT,
                $value === null => \PDO::PARAM_NULL,
                default => \PDO::PARAM_STR,
            });
        }
        try {
            $statement->execute();
        } catch (\PDOException $error) {
            // One that was refused for a lock still counts as running in SQLite, and would keep the next one's lock.
            $statement->closeCursor();
            throw $error;
        }

        return $statement;
    }

    private function enter(string $user, ?string $collection, bool $writing): void
    {
        if ($this->failure) {
            throw new StorageException("Nothing more is done, since it will be undone: {$this->failure->getMessage()}", 0, $this->failure);
        }
        $begun = $this->depth > 0;
        if (!$begun && $this->pdo->inTransaction()) {
            throw new \LogicException('The connection is in a transaction that somebody else has begun: give the storage one of its own');
        }
        try {
            $this->acquire($user, $collection, $writing, $begun);
        } catch (\PDOException | ConflictException $error) {
            if (!$begun) {
                $this->tryRollBack();
            }
            if ($error instanceof \PDOException) {
                $error = $this->translate($error);
            }
            if ($begun) {
                $this->failure = $error;
            }
            throw $error;
        }
    }

    private function holdsAnyOf(string $user): bool
    {
        $start = Key::escape($user) . ':';
        foreach ($this->held as $name => $_) {
            if (\str_starts_with((string) $name, $start)) {
                return true;
            }
        }

        return false;
    }

    final protected function tryRollBack(): void
    {
        try {
            $this->pdo->exec('ROLLBACK');
        } catch (\PDOException) {
            // There is no transaction any more, or no connection: the database rolls back then.
        }
    }
}
