<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Bridge\Laravel;

use Illuminate\Cache\Lock;
use SharedCache\Pool;

/** An entry with the name of the owner: whoever knows that may release it, from another process, too. */
final class SharedLock extends Lock
{
    public function __construct(private readonly Pool $pool, string $name, int $seconds, ?string $owner = null)
    {
        parent::__construct($name, $seconds, $owner);
    }

    public function acquire(): bool
    {
        return $this->pool->add($this->name, $this->owner, \max(0, $this->seconds));
    }

    /** @return bool false: it has ended, or is somebody else's by now */
    public function release(): bool
    {
        // By the token: it cannot become somebody else's between the look and the deletion.
        return $this->pool->gets($this->name, $token) === $this->owner && $this->pool->casDelete($this->name, $token);
    }

    /**
     * Gives it another time, if it is still the owner's.
     *
     * @param int|null $seconds 0: until it is released; null: the time it was made with
     */
    public function refresh($seconds = null): bool
    {
        $seconds = \max(0, (int) ($seconds ?? $this->seconds));
        // Once more if another process refreshed it meanwhile that knows the owner; whoever else has it ends the loop.
        while ($this->pool->gets($this->name, $token) === $this->owner) {
            if ($this->pool->casStore($this->name, $token, $this->owner, $seconds)) {
                return true;
            }
        }

        return false;
    }

    public function forceRelease(): void
    {
        $this->pool->delete($this->name);
    }

    protected function getCurrentOwner(): ?string
    {
        return $this->pool->get($this->name);
    }
}
