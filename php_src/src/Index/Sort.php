<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/**
 * A total order of rows: by columns, ties by the primary key in the direction of the last one. Compares two rows in
 * O(columns).
 */
final readonly class Sort
{
    /** @var list<array{string, int, Collation}> column, 1 or -1, collation: what decides */
    private array $steps;
    /** @var list<string> without the ties */
    public array $columns;

    /**
     * @param list<string>|array<string, Order> $columns names, or directions by name
     * @param Order $order of the names without direction
     * @param list<string> $ties the primary key
     * @param array<string, Collation> $collations by column; Natural for the others
     */
    public function __construct(array $columns, Order $order, array $ties, array $collations = [])
    {
        $steps = [];
        foreach ($columns as $name => $column) {
            [$name, $last] = $column instanceof Order ? [$name, $column] : [$column, $order];
            $steps[$name] = $last;
        }
        $this->columns = \array_keys($steps);
        foreach ($ties as $column) {
            $steps[$column] ??= $last ?? $order;
        }
        $all = [];
        foreach ($steps as $name => $direction) {
            $all[] = [$name, $direction === Order::Desc ? -1 : 1, $collations[$name] ?? Collation::Natural];
        }
        $this->steps = $all;
    }

    /**
     * @param array<string, int|float|string|null> $a
     * @param array<string, int|float|string|null> $b
     */
    public function compare(array $a, array $b): int
    {
        foreach ($this->steps as [$column, $sign, $collation]) {
            $x = $a[$column];
            $y = $b[$column];
            if ($x !== $y) {
                $result = \is_int($x) && \is_int($y) ? $x <=> $y : $collation->compare($x, $y);
                if ($result) {
                    return $sign * $result;
                }
            }
        }

        return 0;
    }

    /**
     * Where a row belongs in a sorted list. O(log rows).
     *
     * @param list<array<string, int|float|string|null>> $rows
     * @param array<string, int|float|string|null> $row
     * @param bool|null $equal is a row there that compares as equal?
     */
    public function place(array $rows, array $row, ?bool &$equal = null): int
    {
        $low = 0;
        $high = \count($rows);
        while ($low < $high) {
            $middle = ($low + $high) >> 1;
            $result = $this->compare($rows[$middle], $row);
            if ($result === 0) {
                $equal = true;

                return $middle;
            }
            if ($result < 0) {
                $low = $middle + 1;
            } else {
                $high = $middle;
            }
        }
        $equal = false;

        return $low;
    }

    /** @return list<array{string, Order, Collation}> what decides, the ties included */
    public function steps(): array
    {
        return \array_map(
            static fn (array $step): array => [$step[0], $step[1] < 0 ? Order::Desc : Order::Asc, $step[2]],
            $this->steps,
        );
    }

    /** The same columns and directions? */
    public function equals(self $other): bool
    {
        return \array_map(null, \array_column($this->steps, 0), \array_column($this->steps, 1))
            === \array_map(null, \array_column($other->steps, 0), \array_column($other->steps, 1));
    }
}
