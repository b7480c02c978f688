--TEST--
A writer that read its source before another one did cannot win
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-if-changed-late-writers${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

// Two requests render the same item; the source changes in between.
$t = (int) (microtime(true) * 1e6) - 60_000_000;

echo "the older read is written last\n";
$readByA = $t + 1;
$readByB = $t + 2;
var_dump(cache_store_if_changed('item', 'new, by B', 600, 60, [], $readByB), cache_store_if_changed('item', 'old, by A', 600, 60, [], $readByA), cache_fetch('item'));

echo "the same data, the older read last: the stamp does not go back\n";
var_dump(cache_store_if_changed('item', 'new, by B', 600, 60, [], $readByA), cache_stamp('item') === $readByB);

echo "invalidated between the read and the write\n";
cache_mark_stale('item');
var_dump(cache_store_if_changed('item', 'old, by A', 600, 60, [], $readByB + 5), cache_exists('item'));
var_dump(cache_store_if_changed('item', 'newest', 600, 60), cache_store_if_changed('item', 'old, by A', 600, 60, [], $readByB + 5), cache_fetch('item'));

echo "revalidated between the read and the write\n";
cache_store('item', 'current', 600, 60, [], $t);
var_dump(cache_cas_touch('item', $t, $t + 10), cache_store_if_changed('item', 'older', 600, 60, [], $t + 9), cache_fetch('item'), cache_stamp('item') === $t + 10);

echo "a touch for the old version after the new one was stored\n";
cache_gets('item', $token);
cache_store_if_changed('item', 'changed', 600, 60, [], $t + 20);
var_dump(cache_cas_touch('item', $t + 10, $t + 30), cache_cas_touch('item', null, $t + 30, $token), cache_stamp('item') === $t + 20);
?>
--EXPECT--
the older read is written last
int(1)
int(-1)
string(9) "new, by B"
the same data, the older read last: the stamp does not go back
int(-1)
bool(true)
invalidated between the read and the write
int(-1)
bool(false)
int(1)
int(-1)
string(6) "newest"
revalidated between the read and the write
bool(true)
int(-1)
string(7) "current"
bool(true)
a touch for the old version after the new one was stored
bool(false)
bool(false)
bool(true)
