<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/**
 * Keeps the whole row, with its columns in the order of their names. The columns of the key stay: a key does not tell 7 from "7",
 * a row does.
 */
final readonly class FeatureCompactor implements Compactor
{
    public function compactRow(array $row): array
    {
        foreach ($row as $column => $value) {
            if (\is_object($value) || \is_array($value) || \is_bool($value) || \is_resource($value)) {
                throw new \InvalidArgumentException(
                    "A row holds int, float, string and null; \"$column\" is of type " . \get_debug_type($value),
                );
            }
        }
        \ksort($row, SORT_STRING);

        return $row;
    }
}
