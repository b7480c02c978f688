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
cache_lock_for_read(string $name, float $wait = 0.0, float $lease = 0.0): int|false
cache_lock_for_write(string $name, float $wait = 0.0, float $lease = 0.0, &$recovered = null): int|false
cache_lock_release(string $name): bool
cache_lock_info(?string $name = null): array
Cache\CacheException Cache\UnstorableException Cache\LockUpgradeException Cache\EntryIterator
