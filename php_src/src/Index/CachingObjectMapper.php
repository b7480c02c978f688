<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/** One object for each row, while somebody has it: an identity map. A row that has changed makes a new object. */
final class CachingObjectMapper implements ObjectMapper
{
    private readonly BucketKey $key;
    /** @var array<string, array{\WeakReference<object>, array<string, int|float|string|null>}> */
    private array $objects = [];
    private int $sweepAt = 1000;

    /** @param list<string> $primaryKey */
    public function __construct(private readonly ObjectMapper $mapper, array $primaryKey)
    {
        $this->key = new BucketKey('', '', $primaryKey);
    }

    public function toStorageRow(object $object): array
    {
        return $this->mapper->toStorageRow($object);
    }

    public function fromStorageRow(array $row, ?object $object = null): object
    {
        $key = $this->key->of($row);
        \ksort($row, SORT_STRING);
        if (!$object) {
            [$reference, $known] = $this->objects[$key] ?? [null, null];
            $made = $known === $row ? $reference?->get() : null;
            if ($made) {
                return $made;
            }
        }
        $made = $this->mapper->fromStorageRow($row, $object);
        $this->objects[$key] = [\WeakReference::create($made), $row];
        $this->sweep();

        return $made;
    }

    public function clear(): void
    {
        $this->objects = [];
        $this->mapper->clear();
    }

    private function sweep(): void
    {
        if (\count($this->objects) >= $this->sweepAt) {
            $this->objects = \array_filter($this->objects, static fn (array $known): bool => $known[0]->get() !== null);
            $this->sweepAt = \max(1000, 2 * \count($this->objects));
        }
    }
}
