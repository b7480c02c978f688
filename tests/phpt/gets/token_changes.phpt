--TEST--
A token changes with every change of the value, and with nothing else
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-gets-token-changes${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

function token(): int
{
    cache_gets('key', $token);
    return $token;
}
function change(string $what, callable $change): void
{
    $before = token();
    $done = $change();
    echo $what, ' ', json_encode($done), ' ', token() === $before ? 'same' : 'another', "\n";
}
cache_store('key', 5, 60, 60);
change('store', fn() => cache_store('key', 5, 60, 60));
change('inc', fn() => cache_inc('key'));
change('dec', fn() => cache_dec('key', 3));
change('inc by 0', fn() => cache_inc('key', 0));
change('cas', fn() => cache_cas('key', 3, 4));
change('cas refused', fn() => cache_cas('key', 3, 4));
change('to a large one', fn() => cache_inc('key', PHP_INT_MAX - 10));
change('between large ones', fn() => cache_inc('key'));
change('add', fn() => cache_add('key', 1));
change('touch', fn() => cache_cas_touch('key', null));
change('lock word', fn() => cache_cas_lock('key', 0, 9));
change('store_if_changed', fn() => cache_store_if_changed('key', cache_fetch('key'), 60, 60));
change('fetch', fn() => cache_fetch('key') > 0);
change('store_if_changed to another', fn() => cache_store_if_changed('key', 'text', 60, 60));
change('store_if_changed to the same', fn() => cache_store_if_changed('key', 'text', 60, 60));
change('cas_store', fn() => cache_cas_store('key', token(), 'text', 60, 60));
change('merge', fn() => cache_merge('key', fn($value) => $value, 60, 60));
change('merge keeps', fn() => cache_merge('key', fn() => CACHE_KEEP));
change('commit', fn() => cache_commit('key', cache_lease('key'), 'text', 60, 60));
$before = token();
cache_mark_stale('key');
var_dump(token(), cache_cas_touch('key', cache_stamp('key')), token() !== $before && token() > 0);
change('delete', fn() => cache_delete('key'));
?>
--EXPECT--
store true another
inc 6 another
dec 3 another
inc by 0 3 same
cas true another
cas refused false same
to a large one 9223372036854775801 another
between large ones 9223372036854775802 another
add false same
touch true same
lock word true same
store_if_changed 2 same
fetch true same
store_if_changed to another 1 another
store_if_changed to the same 2 same
cas_store true another
merge true another
merge keeps true same
commit true another
int(0)
bool(true)
bool(true)
delete true another
