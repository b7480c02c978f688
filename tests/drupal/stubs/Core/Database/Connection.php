<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace Drupal\Core\Database;

/** An SQLite database with the part of the contract that the module uses. It is its own transaction manager. */
class Connection
{
    public readonly \PDO $pdo;
    /** @var list<callable(bool): void> */
    private array $callbacks = [];

    public function __construct(string $file = ':memory:')
    {
        $this->pdo = new \PDO("sqlite:$file", options: [\PDO::ATTR_ERRMODE => \PDO::ERRMODE_EXCEPTION]);
    }

    public function escapeTable($table): string
    {
        return preg_replace('/[^A-Za-z0-9_.]+/', '', $table);
    }

    /** [column], {table}, and :list[] stand for what the database has. */
    public function query(string $query, array $args = []): object
    {
        $values = [];
        foreach ($args as $name => $list) {
            $query = str_replace($name, implode(', ', array_fill(0, count($list), '?')), $query);
            array_push($values, ...$list);
        }
        $statement = $this->pdo->prepare(strtr($query, '[]{}', '""""'));
        $statement->execute($values);

        return new class ($statement) {
            public function __construct(private readonly \PDOStatement $statement)
            {
            }

            /** @return array<array-key, object> */
            public function fetchAllAssoc(string $column): array
            {
                $rows = $this->statement->fetchAll(\PDO::FETCH_OBJ);

                return array_combine(array_column($rows, $column), $rows);
            }
        };
    }

    public function inTransaction(): bool
    {
        return $this->pdo->inTransaction();
    }

    public function transactionManager(): static
    {
        return $this;
    }

    public function addPostTransactionCallback(callable $callback): void
    {
        $this->callbacks[] = $callback;
    }

    public function begin(): void
    {
        $this->pdo->beginTransaction();
    }

    public function end(bool $commit): void
    {
        $commit ? $this->pdo->commit() : $this->pdo->rollBack();
        $callbacks = $this->callbacks;
        $this->callbacks = [];
        foreach ($callbacks as $callback) {
            $callback($commit);
        }
    }
}
