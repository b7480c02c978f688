<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/** How the values of a sort column compare. Null comes before everything. The storage must order by the same rule. */
enum Collation
{
    /** Numbers (int, float) by value, strings byte by byte: in a database a numeric column, or text with a binary collation. */
    case Natural;
    /**
     * Strings of decimal digits without leading zeros, of any length, by value: 128-bit numbers in a column of text. In SQL:
     * first the length, then the bytes.
     */
    case Digits;

    public function compare(int|float|string|null $a, int|float|string|null $b): int
    {
        if ($a === null || $b === null) {
            return ($a !== null) <=> ($b !== null);
        }
        if ($this === self::Digits) {
            return \strlen((string) $a) <=> \strlen((string) $b) ?: \strcmp((string) $a, (string) $b);
        }

        return \is_string($a) || \is_string($b) ? \strcmp((string) $a, (string) $b) : $a <=> $b;
    }
}
