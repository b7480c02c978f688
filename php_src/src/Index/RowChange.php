<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/** What a write does to one bucket. Rows are compact. */
final readonly class RowChange
{
    /**
     * @param string $row which one: changes of different rows commute
     * @param array<string, int|float|string|null>|null $old null: it was not in this bucket
     * @param array<string, int|float|string|null>|null $new null: it is not in this bucket any more
     * @param bool $creates there is no other row of this bucket
     */
    public function __construct(
        public string $row,
        public ?array $old,
        public ?array $new,
        public bool $creates = false,
    ) {
    }
}
