<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Rebuild;

/**
 * The page's side of a queue: what is stale is served at once and rebuilt by the worker; only what is missing is made
 * here, by one process while the others wait for it.
 */
final class Reader
{
    /**
     * @param float $wait seconds to wait for another process that makes a missing value, before it is computed here,
     *     too, and not stored
     * @param float $lease seconds that a missing value may take to be made here before another process may try
     */
    public function __construct(
        private readonly Registry $registry,
        private readonly string $queue,
        private readonly float $wait = 5.0,
        private readonly float $lease = 30.0,
    ) {
    }

    /**
     * @throws UnknownKeyException there is no value, and no loader for the key
     * @throws ImpureLoaderException called by a loader, in development
     * @throws \Throwable what the loader throws; nothing is stored then
     */
    public function get(string $key): mixed
    {
        Guard::read($key);
        [$route, $parameters] = $this->registry->match($this->queue, $key);
        $value = cache_fetch_stale($key, $state, refresh_ahead: $route->refreshAhead, queue: $this->queue);

        return $state !== CACHE_STATE_MISSING ? $value : $this->make($key, $route, $parameters);
    }

    /**
     * The source has changed: the value is stale from now on, and the worker makes a new one, whether somebody asks for
     * it or not. A job for the key that is running already runs once more.
     *
     * @param mixed $payload for the loader, small
     * @return bool false: the queue is full; the next get() tries again
     */
    public function refresh(string $key, mixed $payload = null, int $priority = 0): bool
    {
        cache_mark_stale($key);

        return cache_queue_push($this->queue, $key, $payload, priority: $priority) >= 0;
    }

    /** @param array<string, string> $parameters */
    private function make(string $key, Route $route, array $parameters): mixed
    {
        $lease = cache_lease($key, $this->lease);
        if ($lease === 0) {
            return $this->waitFor($key, $route, $parameters);
        }
        try {
            // Between the look-up and the lease somebody else may have been at it.
            $value = cache_fetch($key, $found);
            if ($found) {
                return $value;
            }
            $began = (int) (\microtime(true) * 1e6);
            $value = $this->load($key, $route, $parameters);
            if ($value->data !== CACHE_KEEP) {
                cache_commit(
                    $key,
                    $lease,
                    $value->data,
                    $value->ttl ?? $route->ttl,
                    $value->staleTtl ?? $route->staleTtl,
                    $value->tags ?? $route->tags($parameters),
                    $value->stamp ?? $began,
                );
            }

            return $value->data;
        } finally {
            cache_lease_release($key, $lease);
        }
    }

    /**
     * Another process makes it. If that fails, one of those who wait goes on.
     *
     * @param array<string, string> $parameters
     */
    private function waitFor(string $key, Route $route, array $parameters): mixed
    {
        return cache_compute(
            $key,
            fn (): mixed => $this->load($key, $route, $parameters)->data,
            $route->ttl,
            $route->staleTtl,
            $route->tags($parameters),
            wait: $this->wait,
            lease_ttl: $this->lease,
        );
    }

    /** @param array<string, string> $parameters */
    private function load(string $key, Route $route, array $parameters): Value
    {
        $context = new Context($this->queue, $key, $parameters);
        $value = Guard::watch($route->load, $context, $this->registry->strict);

        return $value instanceof Value ? $value : new Value($value);
    }
}
