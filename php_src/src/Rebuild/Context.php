<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Rebuild;

/** What a loader is asked for. */
final class Context
{
    /**
     * @param array<string, string> $parameters what stands at the placeholders of the pattern, by name
     * @param int $attempt 1 at the first run
     * @param (\Closure(float): void)|null $extend
     */
    public function __construct(
        public readonly string $queue,
        public readonly string $key,
        public readonly array $parameters = [],
        public readonly mixed $payload = null,
        public readonly int $attempt = 1,
        private readonly ?\Closure $extend = null,
    ) {
    }

    /**
     * Call it every now and then while long work goes on: the job's timeout and the leases begin anew, so that the
     * worker is not killed and nobody takes the job over. Cheap enough for an inner loop.
     *
     * @param float $seconds how much longer from now on at least; 0: the job's timeout again
     * @throws AbandonedException the job was taken over, or the entry changed meanwhile: what is being made will not be
     *     stored. Let it through.
     */
    public function progress(float $seconds = 0.0): void
    {
        if ($this->extend !== null) {
            ($this->extend)($seconds);
        }
    }

    /**
     * The value that is to be replaced, fresh or stale; false: there is none. The one read of the cache that is
     * allowed.
     */
    public function previous(): mixed
    {
        return cache_fetch_stale($this->key);
    }
}
