<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/** What is to become of an item: what is null stays as it is. A new item has an empty payload unless it is given one. */
final readonly class ItemUpdate
{
    /** @param int|float|null $ttl seconds from the write on */
    public function __construct(
        public string $id,
        public ?string $payload = null,
        public ?int $sortIndex = null,
        public int|float|null $ttl = null,
    ) {
        if ($id === '' || \strlen($id) > Storage::MAX_NAME) {
            throw new \InvalidArgumentException('An id has 1 to ' . Storage::MAX_NAME . ' bytes');
        }
        if ($ttl !== null && !($ttl >= 0 && $ttl < 1e11)) {
            throw new \InvalidArgumentException('A ttl is a number of seconds');
        }
    }

    /** The item after it. @param Item|null $old one that has expired counts as none */
    public function apply(?Item $old, int $stamp, int $now): Item
    {
        if ($old?->isExpired($now)) {
            $old = null;
        }

        return new Item(
            $this->id,
            $stamp,
            $this->payload ?? $old->payload ?? '',
            $this->sortIndex ?? $old?->sortIndex,
            $this->ttl !== null ? $now + (int) ($this->ttl * 1e6) : $old?->expires,
        );
    }

    /** Both in one, $later being the later. */
    public function then(self $later): self
    {
        return new self(
            $this->id,
            $later->payload ?? $this->payload,
            $later->sortIndex ?? $this->sortIndex,
            $later->ttl ?? $this->ttl,
        );
    }

    /**
     * @param iterable<self> $updates
     * @return array<array-key, self> one for each id
     */
    public static function byId(iterable $updates): array
    {
        $byId = [];
        foreach ($updates as $update) {
            $earlier = $byId[$update->id] ?? null;
            $byId[$update->id] = $earlier ? $earlier->then($update) : $update;
        }

        return $byId;
    }
}
