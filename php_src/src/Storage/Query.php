<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/** Which items of a collection, in which order. */
final readonly class Query
{
    private int $skip;

    /**
     * @param list<string>|null $ids only these
     * @param int|null $newer only those modified after it
     * @param int|null $older only those modified before it
     * @param int|null $limit at most so many
     * @param string|null $offset the `next` of the page before, asked with the same query
     * @throws InvalidOffsetException
     */
    public function __construct(
        public ?array $ids = null,
        public ?int $newer = null,
        public ?int $older = null,
        public ?Sort $sort = null,
        public ?int $limit = null,
        ?string $offset = null,
    ) {
        if ($limit !== null && $limit < 1) {
            throw new \InvalidArgumentException('A limit is at least 1');
        }
        if ($offset !== null && !\preg_match('/^[0-9]{1,9}$/D', $offset)) {
            throw new InvalidOffsetException("Not an offset: $offset");
        }
        $this->skip = (int) $offset;
    }

    public function skip(): int
    {
        return $this->skip;
    }

    /**
     * The page, of all items that have the ids.
     *
     * @param list<Item> $items
     * @param bool $sorted they come sorted by id
     */
    public function of(array $items, bool $sorted = false): Page
    {
        $chosen = $items;
        if ($this->newer !== null || $this->older !== null) {
            $chosen = [];
            foreach ($items as $item) {
                if ($item->modified > ($this->newer ?? \PHP_INT_MIN) && $item->modified < ($this->older ?? \PHP_INT_MAX)) {
                    $chosen[] = $item;
                }
            }
        }
        if (!$sorted || $this->sort !== null) {
            \usort($chosen, $this->compare(...));
        }

        return $this->page($this->limit === null ? \array_slice($chosen, $this->skip)
            : \array_slice($chosen, $this->skip, $this->limit + 1));
    }

    /** @param list<Item> $items from skip() on, one more than the limit if there are so many */
    public function page(array $items): Page
    {
        if ($this->limit === null || \count($items) <= $this->limit) {
            return new Page($items);
        }

        return new Page(\array_slice($items, 0, $this->limit), (string) ($this->skip + $this->limit));
    }

    private function compare(Item $one, Item $other): int
    {
        $order = match ($this->sort) {
            Sort::Newest => $other->modified <=> $one->modified,
            Sort::Oldest => $one->modified <=> $other->modified,
            Sort::Index => ($other->sortIndex ?? \PHP_INT_MIN) <=> ($one->sortIndex ?? \PHP_INT_MIN),
            null => 0,
        };

        return $order ?: \strcmp($one->id, $other->id);
    }
}
