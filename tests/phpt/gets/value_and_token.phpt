--TEST--
cache_gets() is a fetch with a token, which is 0 when there is no fresh value
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-gets-value-and-token${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

var_dump(cache_gets('absent', $token), $token);
foreach (['text', str_repeat('long', 200), 5, PHP_INT_MAX, 1.5, null, false, [1, 'a' => [2]], new DateTime('@0')] as $value) {
    cache_store('key', $value);
    $got = cache_gets('key', $token);
    echo get_debug_type($got), ' ', var_export($got == $value, true), ' ', var_export(is_int($token) && $token > 0, true), "\n";
}
var_dump(cache_gets('key') == $value);

$old = (int) (microtime(true) * 1e6) - 30_000_000;
cache_store('stale', 'value', 10, 60, stamp: $old);
cache_store('gone', 'value', 10, 10, stamp: $old);
var_dump(cache_key_info('stale')['state'] === CACHE_STATE_STALE, cache_gets('stale', $token), $token);
var_dump(cache_gets('gone', $token), $token);
$info = cache_info(true);
var_dump($info['hits'], cache_gets('key', token: $token) == $value, cache_info(true)['hits'] - $info['hits']);
?>
--EXPECT--
bool(false)
int(0)
string true true
string true true
int true true
int true true
float true true
null true true
bool true true
array true true
DateTime true true
bool(true)
bool(true)
bool(false)
int(0)
bool(false)
int(0)
int(10)
bool(true)
int(1)
