<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Psr;

use Psr\SimpleCache\CacheInterface;
use SharedCache\Log\Logger;
use SharedCache\Pool;

/**
 * PSR-16, with psr/simple-cache 1, 2 or 3. The ttl of null is the pool's; what the pool keeps as stale is missing here.
 *
 * Methods return false where the cache is disabled or has no room, and for a value that cannot be cached, which is logged.
 */
final class SimpleCache implements CacheInterface
{
    use ReportsFailures;

    /** That of the pool's keys. */
    private readonly string $prefix;

    /** @param Logger|null $logger null: PHP's error log */
    public function __construct(private readonly Pool $pool, ?Logger $logger = null)
    {
        $this->logger = $logger;
        $this->prefix = $pool->prefix;
    }

    /**
     * @param string $key
     * @param mixed $default
     * @throws SimpleInvalidArgumentException
     */
    public function get($key, $default = null): mixed
    {
        if (!\is_string($key)) {
            $this->check($key);
        }
        try {
            // Pool::get(), written out: a method more costs half as much as the fetch itself.
            $value = \cache_fetch($this->prefix . $key, $found);
        } catch (\Throwable $error) {
            $this->check($key);
            $this->report('was not fetched', $key, $error);

            return $default;
        }
        if ($found) {
            return $value; // What set() refuses is not there: so a hit needs no look at the key.
        }
        $this->check($key);

        return $default;
    }

    /**
     * @param string $key
     * @param mixed $value
     * @param int|\DateInterval|null $ttl seconds; null: the pool's; 0 or less: the entry is deleted
     * @throws SimpleInvalidArgumentException
     */
    public function set($key, $value, $ttl = null): bool
    {
        $this->check($key);
        $ttl = self::seconds($ttl);
        if ($ttl !== null && $ttl <= 0) {
            return $this->delete($key);
        }

        return $this->store($key, $value, $ttl);
    }

    /**
     * @param string $key
     * @return bool true also if there was nothing; false: the cache is disabled
     * @throws SimpleInvalidArgumentException
     */
    public function delete($key): bool
    {
        $this->check($key);

        return $this->pool->delete($key) || Pool::isEnabled();
    }

    /** The whole pool, in constant time. */
    public function clear(): bool
    {
        return $this->pool->clear();
    }

    /**
     * @param iterable<string> $keys
     * @param mixed $default
     * @return \Generator<string, mixed> by key: strings, also those that look like numbers
     * @throws SimpleInvalidArgumentException
     */
    public function getMultiple($keys, $default = null): iterable
    {
        $keys = $this->keys($keys);
        try {
            $values = $this->pool->getMulti($keys);
        } catch (\Throwable) {
            // One of them fails: the others are to be had one by one.
            $values = [];
            foreach ($keys as $key) {
                $value = $this->get($key, $this);
                if ($value !== $this) {
                    $values[$key] = $value;
                }
            }
        }

        return self::each($keys, $values, $default);
    }

    /**
     * @param iterable<string, mixed> $values by key
     * @param int|\DateInterval|null $ttl as in set()
     * @return bool false: at least one was not stored
     * @throws SimpleInvalidArgumentException
     */
    public function setMultiple($values, $ttl = null): bool
    {
        if (!\is_iterable($values)) {
            throw new SimpleInvalidArgumentException('The values must be an array or Traversable, ' . \get_debug_type($values) . ' given');
        }
        $byKey = [];
        foreach ($values as $key => $value) {
            $key = \is_int($key) ? (string) $key : $key; // PHP's arrays have made it one
            $this->check($key);
            $byKey[$key] = $value;
        }
        $ttl = self::seconds($ttl);
        if ($ttl !== null && $ttl <= 0) {
            return $this->deleteAll(\array_keys($byKey));
        }
        try {
            return $this->pool->setMulti($byKey, $ttl) === [];
        } catch (\Throwable) {
            // One of them cannot be stored, and so none was.
            $stored = true;
            foreach ($byKey as $key => $value) {
                $stored = $this->store((string) $key, $value, $ttl) && $stored;
            }

            return $stored;
        }
    }

    /**
     * @param iterable<string> $keys
     * @return bool as delete()
     * @throws SimpleInvalidArgumentException
     */
    public function deleteMultiple($keys): bool
    {
        return $this->deleteAll($this->keys($keys));
    }

    /**
     * @param string $key
     * @throws SimpleInvalidArgumentException
     */
    public function has($key): bool
    {
        $this->check($key);

        return $this->pool->has($key);
    }

    private function store(string $key, mixed $value, int|float|null $ttl): bool
    {
        try {
            return $this->pool->set($key, $value, $ttl);
        } catch (\Throwable $error) {
            $this->report('was not stored', $key, $error);

            return false;
        }
    }

    /** @param list<string|int> $keys */
    private function deleteAll(array $keys): bool
    {
        return \count($this->pool->deleteMulti($keys)) < \count($keys) || Pool::isEnabled();
    }

    /** @return list<string> */
    private function keys(mixed $keys): array
    {
        if (!\is_iterable($keys)) {
            throw new SimpleInvalidArgumentException('The keys must be an array or Traversable, ' . \get_debug_type($keys) . ' given');
        }
        $list = [];
        foreach ($keys as $key) {
            $this->check($key);
            $list[] = $key;
        }

        return $list;
    }

    private function check(mixed $key): void
    {
        $fault = Arguments::fault($key);
        if ($fault !== null) {
            throw new SimpleInvalidArgumentException("The key $fault");
        }
    }

    private static function seconds(mixed $ttl): int|float|null
    {
        return match (true) {
            $ttl === null, \is_int($ttl) => $ttl,
            $ttl instanceof \DateInterval => Arguments::seconds($ttl),
            default => throw new SimpleInvalidArgumentException(
                'The ttl must be an int, a DateInterval or null, ' . \get_debug_type($ttl) . ' given',
            ),
        };
    }

    /**
     * @param list<string> $keys
     * @param array<array-key, mixed> $values
     */
    private static function each(array $keys, array $values, mixed $default): \Generator
    {
        foreach ($keys as $key) {
            yield $key => \array_key_exists($key, $values) ? $values[$key] : $default;
        }
    }
}
