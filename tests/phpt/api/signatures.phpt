--TEST--
The signatures are those of the contract
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-api-signatures${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

foreach ((new ReflectionExtension('cache'))->getFunctions() as $function) {
    $parameters = array_map(function (ReflectionParameter $p) {
        return ltrim($p->getType() . ' ') . ($p->isPassedByReference() ? '&' : '') . '$' . $p->getName()
            . ($p->isOptional() ? ' = ' . strtolower(var_export($p->getDefaultValue(), true)) : '');
    }, $function->getParameters());
    echo $function->getName(), '(', str_replace(["array (\n)"], '[]', implode(', ', $parameters)), '): ', $function->getReturnType(), "\n";
}
echo implode(' ', array_keys((new ReflectionExtension('cache'))->getClasses())), "\n";
?>
--EXPECT--
cache_enabled(): bool
cache_store(array|string $key, mixed $value = null, int|float $ttl = 0, int|float $stale_ttl = 0, array $tags = [], ?int $stamp = null): array|bool
cache_add(array|string $key, mixed $value = null, int|float $ttl = 0, int|float $stale_ttl = 0, array $tags = [], ?int $stamp = null): array|bool
cache_fetch(array|string $key, &$success = null): mixed
cache_exists(array|string $key): array|bool
cache_delete(Cache\EntryIterator|array|string $key): array|bool
cache_inc(string $key, int $step = 1, &$success = null, int|float $ttl = 0): int|false
cache_dec(string $key, int $step = 1, &$success = null, int|float $ttl = 0): int|false
cache_cas(string $key, int $old, int $new): bool
cache_clear(): bool
cache_info(bool $limited = false): array
cache_key_info(string $key): ?array
cache_gets(array|string $key, &$token = null): mixed
cache_cas_store(string $key, int $token, mixed $value, int|float $ttl = 0, int|float $stale_ttl = 0, array $tags = [], ?int $stamp = null): bool
cache_cas_delete(string $key, int $token): bool
cache_merge(string $key, callable $merge, int|float $ttl = 0, int|float $stale_ttl = 0, array $tags = [], float $wait = 5): bool
cache_store_if_changed(string $key, mixed $value, int|float $ttl = 0, int|float $stale_ttl = 0, array $tags = [], ?int $stamp = null, ?int $token = null): int
cache_cas_touch(string $key, ?int $expected, ?int $new = null, ?int $token = null): bool
cache_stamp(array|string $key): array|int|false
cache_cas_lock(string $key, int $expected, int $new): bool
cache_fetch_entries(array $keys, int $min_stamp = 0, string $prefix = '', ?array $fields = null): array
cache_fetch_stale(array|string $key, &$state = null, &$lease = null, float $lease_ttl = 0, float $refresh_ahead = 0, ?string $queue = null): mixed
cache_lease(string $key, float $lease_ttl = 30): int
cache_lease_extend(string $key, int $lease, float $lease_ttl): bool
cache_lease_release(string $key, int $lease): bool
cache_commit(string $key, int $lease, mixed $value, int|float $ttl = 0, int|float $stale_ttl = 0, array $tags = [], ?int $stamp = null): bool
cache_mark_stale(array|string $key): array|bool
cache_compute(string $key, callable $fn, int|float $ttl = 0, int|float $stale_ttl = 0, array $tags = [], float $refresh_ahead = 0, ?string $queue = null, float $wait = 5, float $lease_ttl = 30): mixed
cache_tag_invalidate(array|string $tags, bool $hard = false): int
cache_lock_for_read(string $name, float $wait = 0, float $lease = 0): int|false
cache_lock_for_write(string $name, float $wait = 0, float $lease = 0, &$recovered = null): int|false
cache_lock_release(string $name): bool
cache_lock_info(?string $name = null): array
cache_queue_push(string $queue, string $key, mixed $payload = null, float $delay = 0, int $priority = 0): int
cache_queue_pop(array|string $queue, float $wait = 0, float $lease = 60): ?array
cache_queue_extend(int $id, int $token, float $lease): bool
cache_queue_ack(int $id, int $token): bool
cache_queue_fail(int $id, int $token, ?string $error = null, ?float $retry_in = null): bool
cache_queue_info(?string $queue = null): array
cache_queue_dead(string $queue, int $limit = 100): array
cache_queue_revive(string $queue, ?string $key = null): int
cache_queue_purge(string $queue, bool $dead = false): int
Cache\CacheException Cache\UnstorableException Cache\Rebuilds Cache\LockUpgradeException Cache\EntryIterator
