<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache;

/**
 * A named lock that is held; see Pool::lockForRead() and Pool::lockForWrite(). It ends with release(), the end of this object,
 * of the request, or of the process. A child of pcntl_fork() does not hold it.
 */
final class Lock
{
    /**
     * The token under which this process holds a name, and how many objects share it. One that lost the lock to its lease
     * must not release what was acquired anew since.
     *
     * @var array<string, array{int, int}>
     */
    private static array $held = [];

    private bool $isHeld = true;
    private readonly int $process;

    /**
     * @param string $name as the extension knows it, with the pool's prefix
     * @param int $token the fencing token: greater than all that any lock returned before. Hand it on with each write, and
     *     let the storage refuse a smaller one
     * @param bool $recovered the last one who held it for writing died, or lost it to its lease: what it protects may be half done
     */
    private function __construct(
        public readonly string $name,
        public readonly bool $forWriting,
        public readonly int $token,
        public readonly bool $recovered,
    ) {
        $this->process = \getmypid();
        [$token, $count] = self::$held[$name] ?? [0, 0];
        self::$held[$name] = [$this->token, $token === $this->token ? $count + 1 : 1];
    }

    /** @internal Pool::lockForRead() and Pool::lockForWrite() */
    public static function acquire(string $name, bool $forWriting, float $wait, float $lease): ?self
    {
        $recovered = false;
        $token = $forWriting
            ? \cache_lock_for_write($name, $wait, $lease, $recovered)
            : \cache_lock_for_read($name, $wait, $lease);

        return $token === false ? null : new self($name, $forWriting, $token, $recovered);
    }

    /**
     * It can be taken over that many seconds from now at the earliest.
     *
     * @return bool false: it was lost
     */
    public function renew(float $lease): bool
    {
        if (!$this->isMine()) {
            return false;
        }
        $token = $this->forWriting
            ? \cache_lock_for_write($this->name, 0, $lease)
            : \cache_lock_for_read($this->name, 0, $lease);
        if ($token !== false) {
            \cache_lock_release($this->name);
        }

        return $token === $this->token;
    }

    /** @return bool false: it was released already, or lost to its lease: what was written under it may be in danger */
    public function release(): bool
    {
        if (!$this->isMine()) {
            $this->isHeld = false;

            return false;
        }
        $this->isHeld = false;
        if (--self::$held[$this->name][1] === 0) {
            unset(self::$held[$this->name]);
        }

        return \cache_lock_release($this->name);
    }

    /** Was it not released, and not acquired anew by this process after it was lost? Whether it is lost, release() knows. */
    private function isMine(): bool
    {
        return $this->isHeld && $this->process === \getmypid() && (self::$held[$this->name][0] ?? 0) === $this->token;
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
        throw new \LogicException('A lock belongs to this process: it cannot be serialized');
    }
}
