--TEST--
A token never comes again for a key
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-gets-never-repeats${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$seen = [];
for ($i = 0; $i < 10000; $i++) {
    match ($i % 5) {
        0 => cache_store('key', 'same'),
        1 => cache_store('key', 7),
        2 => cache_delete('key') && cache_add('key', 'same'),
        3 => cache_mark_stale('key') && cache_cas_touch('key', cache_stamp('key')) || cache_store('key', [7]),
        4 => cache_clear() && cache_store('key', 7),
    };
    cache_gets('key', $token);
    $seen[$token] = true;
}
var_dump(count($seen), isset($seen[0]));
?>
--EXPECT--
int(10000)
bool(false)
