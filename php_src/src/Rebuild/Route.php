<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Rebuild;

/** One registration: the keys of a pattern, who makes their values, and how long those are good. */
final class Route
{
    /**
     * @param \Closure(Context): mixed $load
     * @param list<string> $tags with placeholders
     * @see Registry::add()
     */
    public function __construct(
        public readonly Pattern $pattern,
        public readonly \Closure $load,
        public readonly int|float $ttl,
        public readonly int|float $staleTtl,
        public readonly array $tags,
        public readonly float $refreshAhead,
        public readonly ?float $timeout,
    ) {
    }

    /**
     * @param array<string, string> $parameters
     * @return list<string> the tags of one key
     */
    public function tags(array $parameters): array
    {
        return $parameters && $this->tags
            ? \array_map(static fn (string $tag): string => Pattern::fill($tag, $parameters), $this->tags)
            : $this->tags;
    }
}
