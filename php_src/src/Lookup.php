<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache;

/** What Pool::fetch() found, and who rebuilds it. */
final readonly class Lookup
{
    /**
     * @param mixed $value fresh or stale; null: there is none, see $state
     * @param Lease|null $lease not null: you rebuild it. It is given back when the object goes
     * @param bool $pending somebody else rebuilds it, or a job of the queue will
     */
    public function __construct(
        public mixed $value,
        public State $state,
        public ?Lease $lease = null,
        public bool $pending = false,
    ) {
    }

    /** Is there a value, fresh or stale? */
    public function isFound(): bool
    {
        return $this->state !== State::Missing;
    }

    public function isFresh(): bool
    {
        return $this->state->isFresh();
    }
}
