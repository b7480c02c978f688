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

    /**
     * @param array<string, int|float|string|null> $row
     * @param object|null $object the one that was inserted: gets what the storage has added; null: there is none yet
     * @return object $object, or a new one
     */
    public function fromStorageRow(array $row, ?object $object = null): object;

    /** Forgets what it has made. */
    public function clear(): void;
}
