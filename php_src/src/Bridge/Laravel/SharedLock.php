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

    public function forceRelease(): void
    {
        $this->pool->delete($this->name);
    }

    protected function getCurrentOwner(): ?string
    {
        return $this->pool->get($this->name);
    }
}
