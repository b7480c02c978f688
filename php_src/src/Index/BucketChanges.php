<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/** What a transaction does to one bucket. */
final class BucketChanges
{
    /** @var list<RowChange> */
    private array $changes = [];
    /** @var array<string, true> */
    private array $rows = [];

    public function __construct(public readonly BucketRules $rules)
    {
    }

    public function add(RowChange $change): void
    {
        $this->changes[] = $change;
        $this->rows[$change->row] = true;
    }

    /**
     * @param list<array<string, int|float|string|null>>|null $rows null: unknown
     * @return list<array<string, int|float|string|null>>|null
     */
    public function apply(?array $rows): ?array
    {
        foreach ($this->changes as $change) {
            $rows = $this->rules->apply($rows, $change);
        }

        return $rows;
    }

    /** Does the transaction begin the bucket, so that it was empty before? */
    public function creates(): bool
    {
        return $this->changes[0]->creates;
    }

    /** @return list<string> which rows it changes */
    public function rows(): array
    {
        return \array_map(\strval(...), \array_keys($this->rows));
    }

    /**
     * May these changes and those of another transaction be applied in either order?
     *
     * @param list<string> $rows of the other one
     */
    public function commuteWith(array $rows): bool
    {
        if (!$this->rules->commutes()) {
            return false;
        }
        foreach ($rows as $row) {
            if (isset($this->rows[$row])) {
                return false;
            }
        }

        return true;
    }
}
