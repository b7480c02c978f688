<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/** Items of a collection. */
final readonly class Page
{
    /**
     * @param list<Item> $items
     * @param string|null $next the offset of what follows; null: that was all
     */
    public function __construct(public array $items, public ?string $next = null)
    {
    }

    /** @return list<string> */
    public function ids(): array
    {
        return \array_map(static fn (Item $item): string => $item->id, $this->items);
    }
}
