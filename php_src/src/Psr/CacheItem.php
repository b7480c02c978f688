<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Psr;

use Psr\Cache\CacheItemInterface;

/** An item of CacheItemPool. PSR-6, and tags. */
class CacheItem implements CacheItemInterface
{
    // With values to begin with and not readonly: so the constructor, which runs on each hit, takes half as long.
    private string $key = '';
    private mixed $value = null;
    private bool $hit = false;
    /** Seconds since the epoch; null: as the pool has it. */
    private ?float $expiry = null;
    /** @var array<string, string> */
    private array $tags = [];

    /** @internal CacheItemPool makes them */
    final public function __construct(string $key, mixed $value = null, bool $hit = false)
    {
        $this->key = $key;
        $this->value = $value;
        $this->hit = $hit;
    }

    public function getKey(): string
    {
        return $this->key;
    }

    public function get(): mixed
    {
        return $this->value;
    }

    public function isHit(): bool
    {
        return $this->hit;
    }

    /** @param mixed $value */
    public function set($value): static
    {
        $this->value = $value;

        return $this;
    }

    /**
     * @param \DateTimeInterface|null $expiration null: the pool's ttl
     * @throws InvalidArgumentException
     */
    public function expiresAt($expiration): static
    {
        if ($expiration !== null && !$expiration instanceof \DateTimeInterface) {
            throw new InvalidArgumentException('The expiration must be a DateTimeInterface or null, ' . \get_debug_type($expiration) . ' given');
        }
        $this->expiry = $expiration === null ? null : (float) $expiration->format('U.u');

        return $this;
    }

    /**
     * @param int|\DateInterval|null $time seconds from now on; null: the pool's ttl; 0 or less: the item is deleted when it is saved
     * @throws InvalidArgumentException
     */
    public function expiresAfter($time): static
    {
        $this->expiry = match (true) {
            $time === null => null,
            \is_int($time) => \microtime(true) + $time,
            $time instanceof \DateInterval => \microtime(true) + Arguments::seconds($time),
            default => throw new InvalidArgumentException(
                'The time must be an int, a DateInterval or null, ' . \get_debug_type($time) . ' given',
            ),
        };

        return $this;
    }

    /**
     * The tags that it will be saved with, beside those given before; see CacheItemPool::invalidateTags(). Those it was saved
     * with are not kept.
     *
     * @param string|iterable<string> $tags
     * @throws InvalidArgumentException
     */
    public function tag($tags): static
    {
        foreach (\is_iterable($tags) ? $tags : [$tags] as $tag) {
            $tag = $tag instanceof \Stringable ? (string) $tag : $tag;
            $fault = Arguments::fault($tag);
            if ($fault !== null) {
                throw new InvalidArgumentException("The tag $fault");
            }
            $this->tags[$tag] = $tag;
        }

        return $this;
    }

    /** @internal Seconds until it expires, as a ttl of Pool::set(); null: the pool's; 0 or less: it has. */
    final public function ttl(): ?float
    {
        return $this->expiry === null ? null : \round($this->expiry - \microtime(true), 3);
    }

    /** @internal @return list<string> */
    final public function tags(): array
    {
        return \array_map('strval', \array_values($this->tags));
    }
}
