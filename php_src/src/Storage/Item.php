<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

/** One item of a collection. */
final readonly class Item
{
    /**
     * @param int $modified microseconds since the epoch: the timestamp of the write that made it so
     * @param int|null $expires microseconds since the epoch from which on it is not seen any more
     */
    public function __construct(
        public string $id,
        public int $modified,
        public string $payload,
        public ?int $sortIndex = null,
        public ?int $expires = null,
    ) {
    }

    public function isExpired(int $now): bool
    {
        return $this->expires !== null && $this->expires <= $now;
    }
}
