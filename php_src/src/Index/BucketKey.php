<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

use SharedCache\Key;

/**
 * Keys of the buckets of one index: "index:topics:1:=7:~" is where the first column is 7 and the second one null. Equal queries
 * have equal keys, whatever the order of their properties; 7 and "7" are equal, null and "" are not.
 */
final readonly class BucketKey
{
    public string $prefix;
    /** @var list<string> in the order of their names */
    public array $columns;

    /** @param list<string> $columns */
    public function __construct(string $index, string $version, array $columns)
    {
        \sort($columns, SORT_STRING);
        $this->columns = $columns;
        $this->prefix = Key::fit(Key::of('index', $index, $version), 128) . ':';
    }

    /** Do two values of a column lead to the same bucket? */
    public function equals(int|float|string|bool|null $a, int|float|string|bool|null $b): bool
    {
        return $a === $b || ($a !== null && $b !== null
            && (string) (\is_bool($a) ? (int) $a : $a) === (string) (\is_bool($b) ? (int) $b : $b));
    }

    /**
     * @param array<string, mixed> $row with all of the columns; more do no harm
     * @return string at most Key::LIMIT bytes
     * @throws \InvalidArgumentException a column is missing, or its value is no scalar
     */
    public function of(array $row): string
    {
        $key = $this->prefix;
        if (\count($this->columns) === 1 && \is_int($row[$this->columns[0]] ?? null)) {
            return "$key={$row[$this->columns[0]]}"; // the frequent case
        }
        foreach ($this->columns as $number => $column) {
            $value = $row[$column] ?? null;
            $key .= $number ? ':' : '';
            if (\is_int($value)) {
                $key .= "=$value";
            } elseif (\is_string($value)) {
                $key .= '=' . (\strpbrk($value, ':%') === false ? $value : Key::escape($value));
            } elseif (\is_float($value) || \is_bool($value)) {
                $key .= '=' . (\is_bool($value) ? (int) $value : $value);
            } elseif ($value !== null) {
                throw new \InvalidArgumentException("\"$column\" is no scalar, but " . \get_debug_type($value));
            } elseif (!\array_key_exists($column, $row)) {
                throw new \InvalidArgumentException("\"$column\" is missing");
            } else {
                $key .= '~';
            }
        }

        return Key::fit($key, Key::LIMIT);
    }
}
