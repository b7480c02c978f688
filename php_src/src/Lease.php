<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache;

/**
 * The right to rebuild a key. Read the source only after you have it: whatever is stored, deleted or invalidated from then on
 * voids it, so that commit() never puts an old value over a newer one.
 *
 * It ends with commit(), release(), its deadline, the end of this object, of the request, or of the process. A child of
 * pcntl_fork() does not hold it.
 */
final class Lease
{
    private bool $held = true;
    private readonly int $process;

    /** Microseconds since the epoch when it was granted. */
    public readonly int $began;

    /**
     * @internal Pool::fetch() and Pool::lease() give them out
     * @param string $key of the pool
     * @param int $id as the extension knows it
     */
    public function __construct(private readonly Pool $pool, public readonly string $key, private readonly int $id)
    {
        $this->process = \getmypid();
        $this->began = (int) (\microtime(true) * 1e6);
    }

    /**
     * Stores what was rebuilt, and ends the lease.
     *
     * @param int|float|null $ttl seconds, 0: without limit; null: the pool's
     * @param int|float|null $staleTtl seconds, INF: without limit; null: the pool's
     * @param list<string> $tags
     * @param int|null $stamp microseconds since the epoch: the state of the source that the value shows; null: when the lease
     *     was granted
     * @return bool false: nothing was stored, since the entry changed meanwhile, the lease was lost, or there was no room
     * @throws \Cache\UnstorableException nothing was stored; the lease has ended all the same
     */
    public function commit(
        mixed $value,
        int|float|null $ttl = null,
        int|float|null $staleTtl = null,
        array $tags = [],
        ?int $stamp = null,
    ): bool {
        if (!$this->isMine()) {
            return false;
        }
        $this->held = false;

        return $this->pool->commit($this->key, $this->id, $value, $ttl, $staleTtl, $tags, $stamp ?? $this->began);
    }

    /** Moves the deadline to that many seconds from now. False: the lease was lost, or is void: stop working. */
    public function extend(float $seconds): bool
    {
        return $this->isMine() && $this->pool->extendLease($this->key, $this->id, $seconds);
    }

    /** Gives it back: the next one who asks rebuilds. False: it had ended already. */
    public function release(): bool
    {
        if (!$this->isMine()) {
            return false;
        }
        $this->held = false;

        return $this->pool->releaseLease($this->key, $this->id);
    }

    private function isMine(): bool
    {
        return $this->held && $this->process === \getmypid();
    }

    public function __destruct()
    {
        try {
            $this->release();
        } catch (\Throwable) {
            // The request's end does it.
        }
    }

    private function __clone()
    {
    }

    public function __serialize(): never
    {
        throw new \LogicException('A lease belongs to this process: it cannot be serialized');
    }
}
