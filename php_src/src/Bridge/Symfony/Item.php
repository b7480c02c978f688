<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Bridge\Symfony;

use SharedCache\Psr\CacheItem;
use Symfony\Contracts\Cache\ItemInterface;

/** An item of TagAwareCache. */
final class Item extends CacheItem implements ItemInterface
{
    /** @var array{expiry?: float, ctime?: int, tags?: array<string, string>} */
    private array $metadata = [];
    /** Milliseconds that the value took; it is saved with the item. */
    private int $cost = 0;

    /**
     * @internal TagAwareCache makes them
     * @param array{expiry?: float, ctime?: int, tags?: array<string, string>} $metadata
     */
    public static function found(string $key, mixed $value, array $metadata): self
    {
        $item = new self($key, $value, true);
        $item->metadata = $metadata;

        return $item;
    }

    /**
     * @internal It was saved with this
     * @param array{expiry?: float, ctime?: int, tags?: array<string, string>} $metadata
     */
    public function setMetadata(array $metadata): void
    {
        $this->metadata = $metadata;
    }

    /**
     * @param string|iterable<string> $tags
     * @throws \SharedCache\Psr\InvalidArgumentException
     */
    public function tag($tags): static
    {
        return parent::tag($tags);
    }

    /**
     * What was saved with the item: `expiry`, in seconds since the epoch; `ctime`, the milliseconds that its value took; `tags`.
     * Those that are not known are left out.
     *
     * @return array{expiry?: float, ctime?: int, tags?: array<string, string>}
     */
    public function getMetadata(): array
    {
        return $this->metadata;
    }

    /** @internal */
    public function setCost(int $milliseconds): void
    {
        $this->cost = $milliseconds;
    }

    /** @internal */
    public function cost(): int
    {
        return $this->cost;
    }
}
