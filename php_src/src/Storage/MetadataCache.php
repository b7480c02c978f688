<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Storage;

use SharedCache\Pool;

/**
 * The metadata of users in the cache.
 *
 * It is filled while the database is frozen for the user, and marked while the collection is locked there. So a mark that went with
 * the whole entry, by eviction, is never missed: what is filled in afterwards is what that write has left.
 */
final class MetadataCache
{
    /** Microseconds after which a mark is taken for one that a dead process has left, and somebody tries to put it right. */
    private const REPAIR_AFTER = 1_000_000;
    /** Microseconds between two recalculations of a user's size. */
    private const RECALCULATE_AFTER = 3_600_000_000;

    /** @param \Closure(): int $clock microseconds since the epoch */
    public function __construct(private readonly Pool $pool, private readonly Storage $source, private readonly \Closure $clock)
    {
    }

    /** What is there. */
    public function peek(string $user): ?Metadata
    {
        $value = $this->pool->get(Keys::metadata($user));

        return $value === null ? null : Metadata::fromArray($value);
    }

    /** What is there; if there is nothing, or what a dead process has left, made anew if nobody writes. */
    public function get(string $user): ?Metadata
    {
        $metadata = $this->peek($user);
        $since = $metadata?->dirtySince();

        return $metadata === null || ($since !== null && ($this->clock)() - $since >= self::REPAIR_AFTER)
            ? $this->rebuild($user) ?? $metadata
            : $metadata;
    }

    /** @return Slot|null null: it is not known, or there is no such collection */
    public function slot(string $user, string $collection, ?bool &$known = null): ?Slot
    {
        $metadata = $this->get($user);
        $slot = $metadata?->slot($collection);
        $known = $metadata !== null && ($slot === null || $slot->isClean());

        return $slot;
    }

    /**
     * A write begins. The collection is locked, also in the database.
     *
     * @return Slot|null the slot as it was
     */
    public function mark(string $user, string $collection, int $mark): ?Slot
    {
        $before = null;
        $now = ($this->clock)();
        $this->change($user, static function (Metadata $metadata) use ($collection, $mark, $now, &$before): Metadata {
            $before = $metadata->slot($collection);

            return $metadata->withMark($collection, $mark, $now);
        });

        return $before;
    }

    /** The database has committed. @param array<array-key, Pending> $writes by collection */
    public function finish(string $user, array $writes): void
    {
        $this->change($user, static function (Metadata $metadata) use ($writes): Metadata {
            foreach ($writes as $collection => $write) {
                $metadata = $write->state === null
                    ? $metadata->withoutMark((string) $collection, $write->mark, $write->before)
                    : $metadata->withState((string) $collection, $write->mark, $write->state);
            }

            return $metadata;
        });
    }

    /** The database has rolled back. @param array<array-key, Pending> $writes by collection */
    public function restore(string $user, array $writes): void
    {
        $this->change($user, static function (Metadata $metadata) use ($writes): Metadata {
            foreach ($writes as $collection => $write) {
                $metadata = $metadata->withoutMark((string) $collection, $write->mark, $write->before);
            }

            return $metadata;
        });
    }

    /** The size of all collections, added up once an hour at most, by one process. */
    public function recalculate(string $user, Metadata $metadata): int
    {
        if (!$this->isDue($metadata) || !($lock = $this->pool->lockForWrite(Keys::metadata($user)))) {
            return $metadata->size;
        }
        try {
            for ($try = 0; $try < 3; $try++) {
                $value = $this->pool->gets(Keys::metadata($user), $token);
                $metadata = $value === null ? $metadata : Metadata::fromArray($value);
                if (!$this->isDue($metadata)) {
                    return $metadata->size;
                }
                $wasClean = $metadata->isClean();
                $size = $this->source->getTotalSize($user, true);
                $new = $metadata->withSize($size, ($this->clock)());
                if ($wasClean && $this->pool->casStore(Keys::metadata($user), $token, $new->toArray())) {
                    return $size;
                }
            }
            // Somebody wrote each time. Whether that is in the sum is not known, so it is an estimate for the next hour.
            $now = ($this->clock)();
            $this->change($user, static fn (Metadata $metadata): Metadata => $metadata->withSize($size, $now));

            return $size;
        } finally {
            $lock->release();
        }
    }

    /** @return Metadata|null null: somebody writes, or makes it */
    public function rebuild(string $user): ?Metadata
    {
        $lock = $this->pool->lockForWrite(Keys::metadata($user));
        if (!$lock) {
            return null;
        }
        try {
            $frozen = $this->source->freeze($user);
            if (!$frozen) {
                return null;
            }
            $value = $this->pool->gets(Keys::metadata($user), $token);
            $metadata = Metadata::fromStates($this->source->getStates($user), $value === null ? 0 : Metadata::fromArray($value)->sizeAt);
            $stored = $this->pool->casStore(Keys::metadata($user), $token, $metadata->toArray());
            $frozen->release();

            return $stored ? $metadata : null;
        } finally {
            $lock->release();
        }
    }

    private function isDue(Metadata $metadata): bool
    {
        return ($this->clock)() - $metadata->sizeAt >= self::RECALCULATE_AFTER;
    }

    /** @param callable(Metadata): Metadata $change is called again when somebody came in between */
    private function change(string $user, callable $change): void
    {
        $done = $this->pool->merge(
            Keys::metadata($user),
            static function (?array $value, bool $found) use ($change): mixed {
                if (!$found) {
                    return Pool::KEEP;
                }
                $metadata = Metadata::fromArray($value);
                $new = $change($metadata);

                return $new === $metadata ? Pool::KEEP : $new->toArray();
            },
        );
        if (!$done) {
            // Nothing is better than what is not true.
            $this->pool->delete(Keys::metadata($user));
        }
    }
}
