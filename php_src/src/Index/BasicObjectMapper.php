<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/** A mapper of two functions. */
final readonly class BasicObjectMapper implements ObjectMapper
{
    /**
     * @param \Closure(object): array<string, int|float|string|null> $toRow
     * @param \Closure(array<string, int|float|string|null>, object|null): object $fromRow see fromStorageRow()
     */
    public function __construct(private \Closure $toRow, private \Closure $fromRow)
    {
    }

    public function toStorageRow(object $object): array
    {
        return ($this->toRow)($object);
    }

    public function fromStorageRow(array $row, ?object $object = null): object
    {
        return ($this->fromRow)($row, $object);
    }

    public function clear(): void
    {
    }
}
