--TEST--
Processes that count by cache_cas_lock() lose nothing, whatever is stored meanwhile
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-process-lock-word${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$children = [];
cache_store('key', 0, 60, 60);
for ($i = 0; $i < 4; $i++) {
    if (!$children[] = pcntl_fork()) {
        for ($n = 0; $n < 2000; $n++) {
            do {
                $word = cache_fetch_entries(['key'])['key']['lock'];
            } while (!cache_cas_lock('key', $word, $word + 1));
            match ($n % 8) {
                0 => cache_store('key', str_repeat('x', $n), 60, 60),
                1 => cache_mark_stale('key'),
                2 => cache_cas_touch('key', cache_stamp('key') ?: null),
                3 => cache_store_if_changed('key', $n, 60, 60),
                4 => cache_cas_store('key', 0, [$n], 60, 60),
                default => null,
            };
        }
        exit(0);
    }
}
array_map(fn($pid) => pcntl_waitpid($pid, $status), $children);
var_dump(cache_cas_lock('key', 8000, 0));
?>
--EXPECT--
bool(true)
