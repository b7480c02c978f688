<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/** Keeps what finds the full row in the primary index, and what sorts it. */
final readonly class ShallowCompactor implements Compactor
{
    /** @var array<string, int> */
    private array $kept;

    /**
     * @param list<string> $primaryKey
     * @param list<string> $sort columns
     */
    public function __construct(private Compactor $inner, array $primaryKey, array $sort)
    {
        $this->kept = \array_flip([...$primaryKey, ...$sort]);
    }

    public function compactRow(array $row): array
    {
        return $this->inner->compactRow(\array_intersect_key($row, $this->kept));
    }
}
