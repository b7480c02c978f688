<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Rebuild;

/** What a loader made, with what differs from the defaults of its registration. */
final readonly class Value
{
    /**
     * @param int|float|null $ttl seconds it is fresh, 0: without limit; null: as registered
     * @param int|float|null $staleTtl seconds it is kept as stale after that, INF: without limit; null: as registered
     * @param list<string>|null $tags instead of the registered ones; null: those
     * @param int|null $stamp microseconds since the epoch: the state of the source that it shows; null: when the loader
     *     began
     */
    public function __construct(
        public mixed $data,
        public int|float|null $ttl = null,
        public int|float|null $staleTtl = null,
        public ?array $tags = null,
        public ?int $stamp = null,
    ) {
    }
}
