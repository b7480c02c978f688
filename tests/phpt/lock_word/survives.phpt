--TEST--
The lock word survives writes and marks; it dies with delete, clear and the entry's end
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lock-word-survives${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$t = (int) (microtime(true) * 1e6);
function word(string $after): void
{
    echo $after, ': ', json_encode(cache_fetch_entries(['key'])['key']['lock'] ?? null), "\n";
}
cache_store('key', 'value', 60, 60);
cache_cas_lock('key', 0, 7);
word('cas_lock');
cache_store('key', str_repeat('other', 1000), 60, 60);
word('store');
cache_mark_stale('key');
word('mark_stale');
var_dump(cache_cas_lock('key', 7, 8));
cache_cas_touch('key', cache_stamp('key'));
word('cas_touch');
cache_store_if_changed('key', 'changed', 60, 60);
word('store_if_changed');
cache_gets('key', $token);
cache_cas_store('key', $token, 'cas', 60, 60);
word('cas_store');
cache_merge('key', fn() => 'merged', 60, 60);
word('merge');
cache_commit('key', cache_lease('key'), 'committed', 60, 60);
word('commit');
cache_mark_stale('key');
cache_add('key', 'added', 60, 60);
word('add over a stale one');
cache_delete('key');
cache_store('key', 'value', 60, 60);
word('delete');
cache_cas_lock('key', 0, 9);
cache_clear();
cache_store('key', 'value', 60);
word('clear');
cache_cas_lock('key', 0, 9);
cache_mark_stale('key');
var_dump(cache_cas_lock('key', 9, 10));
cache_store('key', 'value', 5, 5, stamp: $t);
word('mark_stale without a stale period');
cache_cas_lock('key', 0, 9);
cache_cas_touch('key', null, $t - 20_000_000);
var_dump(cache_cas_lock('key', 9, 10));
cache_store('key', 'value');
word('past its time');
?>
--EXPECT--
cas_lock: 7
store: 7
mark_stale: 7
bool(true)
cas_touch: 8
store_if_changed: 8
cas_store: 8
merge: 8
commit: 8
add over a stale one: 8
delete: 0
clear: 0
bool(false)
mark_stale without a stale period: 0
bool(false)
past its time: 0
