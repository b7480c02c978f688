<?php

/*
 * The signatures of psr/cache 3, psr/simple-cache 3 and symfony/cache-contracts 3, as far as they are typed otherwise than
 * those that Debian has. For VersionTest.
 */

namespace Psr\Cache {
    interface CacheException extends \Throwable
    {
    }

    interface InvalidArgumentException extends CacheException
    {
    }

    interface CacheItemInterface
    {
        public function getKey(): string;

        public function get(): mixed;

        public function isHit(): bool;

        public function set(mixed $value): static;

        public function expiresAt(?\DateTimeInterface $expiration): static;

        public function expiresAfter(int|\DateInterval|null $time): static;
    }

    interface CacheItemPoolInterface
    {
        public function getItem(string $key): CacheItemInterface;

        public function getItems(array $keys = []): iterable;

        public function hasItem(string $key): bool;

        public function clear(): bool;

        public function deleteItem(string $key): bool;

        public function deleteItems(array $keys): bool;

        public function save(CacheItemInterface $item): bool;

        public function saveDeferred(CacheItemInterface $item): bool;

        public function commit(): bool;
    }
}

namespace Psr\SimpleCache {
    interface CacheException extends \Throwable
    {
    }

    interface InvalidArgumentException extends CacheException
    {
    }

    interface CacheInterface
    {
        public function get(string $key, mixed $default = null): mixed;

        public function set(string $key, mixed $value, null|int|\DateInterval $ttl = null): bool;

        public function delete(string $key): bool;

        public function clear(): bool;

        public function getMultiple(iterable $keys, mixed $default = null): iterable;

        public function setMultiple(iterable $values, null|int|\DateInterval $ttl = null): bool;

        public function deleteMultiple(iterable $keys): bool;

        public function has(string $key): bool;
    }
}

namespace Symfony\Contracts\Cache {
    interface ItemInterface extends \Psr\Cache\CacheItemInterface
    {
        public function tag(string|iterable $tags): static;

        public function getMetadata(): array;
    }

    interface CacheInterface
    {
        public function get(string $key, callable $callback, ?float $beta = null, ?array &$metadata = null): mixed;

        public function delete(string $key): bool;
    }

    interface TagAwareCacheInterface extends CacheInterface
    {
        public function invalidateTags(array $tags): bool;
    }
}
