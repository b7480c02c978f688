<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache;

/** An entry, fresh or stale, with its words; see Pool::entries(). */
final readonly class Entry
{
    /**
     * @param mixed $value null if it was not decoded
     * @param bool $decoded false: the entry is older than the $minStamp that was asked for
     * @param int $stamp microseconds since the epoch of its last validation; negative: it was marked as stale then
     * @param int $token of this state of the entry
     * @param int $word that of Pool::exchangeWord()
     * @param list<string> $tags without those that every entry of the pool has
     * @param int $accessed seconds since the epoch of its last hit
     */
    public function __construct(
        public mixed $value,
        public bool $decoded,
        public int $stamp,
        public int $token,
        public int $word,
        public State $state,
        public array $tags,
        public int $accessed,
    ) {
    }
}
