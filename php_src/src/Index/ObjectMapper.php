<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/** Makes rows of objects, and objects of rows. */
interface ObjectMapper
{
    /** @return array<string, int|float|string|null> */
    public function toStorageRow(object $object): array;

    /** @param array<string, int|float|string|null> $row */
    public function fromStorageRow(array $row): object;

    /** Forgets what it has made. */
    public function clear(): void;
}
