<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/**
 * A table. Writes say what they expect: an update or removal of a row that another transaction has changed meanwhile throws. So
 * the row that an index gets to know is the one in the table.
 *
 * Rows must be given with the types the database returns: an integer column as int, one of text as string. Text that is sorted by,
 * or found by, should have a binary collation: "a" and "A" are different for an index.
 */
final class PdoObjectStorage implements ObjectStorage
{
    /** Conditions of one statement: SQLite takes 999 values before 3.32. */
    private const CHUNK = 400;

    private readonly string $quote;
    /** @var array<string, \PDOStatement> by SQL */
    private array $statements = [];

    /**
     * @param list<string> $primaryKey
     * @param string|null $generated the column of the primary key that the database makes: AUTO_INCREMENT, INTEGER PRIMARY KEY
     */
    public function __construct(
        private readonly \PDO $pdo,
        private readonly string $table,
        private readonly array $primaryKey,
        private readonly ?string $generated = null,
    ) {
        $this->quote = $pdo->getAttribute(\PDO::ATTR_DRIVER_NAME) === 'mysql' ? '`' : '"';
    }

    public function primaryKey(): array
    {
        return $this->primaryKey;
    }

    public function isInTransaction(): bool
    {
        return $this->pdo->inTransaction();
    }

    public function findMulti(array $queries, ?Sort $sort = null, ?int $limit = null, int $offset = 0): array
    {
        $unique = $limit === 1 && !$offset && !$sort;
        if (\count($queries) < 2 || !($unique || ($limit === null && !$offset))) {
            return \array_map(fn (array $query): array => $this->one($query, $sort, $limit, $offset), $queries);
        }
        $found = [];
        foreach (\array_chunk($queries, \max(1, \intdiv(self::CHUNK, \max(1, \count($queries[0]))))) as $chunk) {
            \array_push($found, ...$this->chunk($chunk, $sort));
        }

        return $found;
    }

    public function insert(array $row): array
    {
        $columns = \implode(', ', \array_map($this->name(...), \array_keys($row)));
        $places = \implode(', ', \array_fill(0, \count($row), '?'));
        $this->run("INSERT INTO {$this->name($this->table)} ($columns) VALUES ($places)", \array_values($row));
        $id = [];
        foreach ($this->primaryKey as $column) {
            $id[$column] = $row[$column]
                ?? ($column === $this->generated ? (int) $this->pdo->lastInsertId() : throw new \InvalidArgumentException(
                    "The row has no \"$column\"",
                ));
        }

        // Defaults and generated columns are the database's.
        return $this->one($id, null, 1, 0)[0] ?? throw new \RuntimeException("The row inserted into $this->table is not there");
    }

    public function update(array $old, array $new): void
    {
        $changed = \array_filter(
            $new,
            static fn (mixed $value, string $column): bool => !\array_key_exists($column, $old) || $old[$column] !== $value,
            ARRAY_FILTER_USE_BOTH,
        );
        foreach ($this->primaryKey as $column) {
            if (\array_key_exists($column, $changed)) {
                throw new \InvalidArgumentException("\"$column\" is of the primary key: it cannot be changed");
            }
        }
        if (!$changed) {
            return;
        }
        $set = \implode(', ', \array_map(fn (string $column): string => "{$this->name($column)} = ?", \array_keys($changed)));
        [$where, $values] = $this->where($old);
        $this->expectOne(
            $this->run("UPDATE {$this->name($this->table)} SET $set WHERE $where", [...\array_values($changed), ...$values]),
        );
    }

    public function remove(array $row): void
    {
        [$where, $values] = $this->where($row);
        $this->expectOne($this->run("DELETE FROM {$this->name($this->table)} WHERE $where", $values));
    }

    /**
     * @param array<string, mixed> $query
     * @return list<array<string, mixed>>
     */
    private function one(array $query, ?Sort $sort, ?int $limit, int $offset): array
    {
        [$where, $values] = $this->where($query);
        $sql = $this->select() . " WHERE $where" . $this->orderBy($sort);
        if ($limit !== null || $offset) {
            // All drivers take this as "no limit".
            $sql .= ' LIMIT ' . ($limit ?? 9_223_372_036_854_775_807) . ($offset ? " OFFSET $offset" : '');
        }

        return $this->run($sql, $values)->fetchAll(\PDO::FETCH_ASSOC);
    }

    /**
     * Several queries by one statement.
     *
     * @param list<array<string, mixed>> $queries
     * @return list<list<array<string, mixed>>>
     */
    private function chunk(array $queries, ?Sort $sort): array
    {
        $columns = \array_keys($queries[0]);
        $key = new BucketKey('', '', $columns);
        $conditions = $values = $found = [];
        foreach ($queries as $query) {
            $found[$key->of($query)] = [];
            [$where, $more] = $this->where($query);
            $conditions[] = "($where)";
            \array_push($values, ...$more);
        }
        $sql = $this->select() . ' WHERE ' . \implode(' OR ', $conditions) . $this->orderBy($sort);
        foreach ($this->run($sql, $values)->fetchAll(\PDO::FETCH_ASSOC) as $row) {
            $name = $key->of($row);
            if (!isset($found[$name])) {
                // The database thinks that different values are equal: it knows which row is whose.
                return \array_map(fn (array $query): array => $this->one($query, $sort, null, 0), $queries);
            }
            $found[$name][] = $row;
        }

        return \array_map(static fn (array $query): array => $found[$key->of($query)], $queries);
    }

    /**
     * @param array<string, mixed> $row
     * @return array{string, list<mixed>}
     */
    private function where(array $row): array
    {
        $conditions = $values = [];
        foreach ($row as $column => $value) {
            if ($value === null) {
                $conditions[] = "{$this->name($column)} IS NULL";
            } else {
                $conditions[] = "{$this->name($column)} = ?";
                $values[] = $value;
            }
        }

        return [\implode(' AND ', $conditions), $values];
    }

    private function orderBy(?Sort $sort): string
    {
        $parts = [];
        foreach ($sort?->steps() ?? [] as [$column, $order, $collation]) {
            $name = $this->name($column);
            if ($collation === Collation::Digits) {
                $parts[] = "LENGTH($name) $order->value";
            }
            $parts[] = "$name $order->value";
        }

        return $parts ? ' ORDER BY ' . \implode(', ', $parts) : '';
    }

    private function select(): string
    {
        return "SELECT * FROM {$this->name($this->table)}";
    }

    private function name(string $name): string
    {
        return $this->quote . \str_replace($this->quote, $this->quote . $this->quote, $name) . $this->quote;
    }

    /** @param list<mixed> $values */
    private function run(string $sql, array $values): \PDOStatement
    {
        $statement = $this->statements[$sql] ?? null;
        if (!$statement) {
            $statement = $this->pdo->prepare($sql) ?: throw new \RuntimeException("The database does not take: $sql");
            if (\count($this->statements) >= 64) {
                \array_shift($this->statements);
            }
            $this->statements[$sql] = $statement;
        }
        foreach ($values as $number => $value) {
            $statement->bindValue($number + 1, $value, \is_int($value) ? \PDO::PARAM_INT : \PDO::PARAM_STR);
        }
        if (!$statement->execute()) {
            throw new \RuntimeException("The database refused: $sql");
        }

        return $statement;
    }

    private function expectOne(\PDOStatement $statement): void
    {
        if ($statement->rowCount() !== 1) {
            throw new ConflictException("A row of $this->table was changed or removed since it was read");
        }
    }
}
