--TEST--
Where the cache is disabled cache_compute() computes, and no lease is granted
--EXTENSIONS--
cache
--INI--
cache.enable_cli=0
cache.segment=test-disabled-stale${CACHE_TEST_RUN}
--FILE--
<?php
function attempt(callable $call): void
{
    try {
        var_dump($call());
    } catch (Throwable $thrown) {
        echo get_class($thrown), ': ', $thrown->getMessage(), "\n";
    }
}

var_dump(cache_enabled());
$calls = 0;
for ($i = 0; $i < 2; $i++) {
    var_dump(cache_compute('key', function (string $key, mixed $old) use (&$calls) { $calls++; return [$key, $old]; }, 60, 60, ['tag']));
}
var_dump($calls, cache_compute('key', fn() => CACHE_KEEP), cache_compute('key', fn($key) => cache_compute($key, fn() => 'nested')));
attempt(fn() => cache_compute('key', fn() => throw new Exception('thrown')));
attempt(fn() => cache_compute('key', fn() => 1, lease_ttl: 0));
var_dump(cache_compute('key', fn() => fn() => 1) instanceof Closure);
var_dump(cache_fetch_stale('key', $state, $lease, 10), $state === CACHE_STATE_MISSING, $lease);
var_dump(cache_fetch_stale(['a', 5], $state, $lease, 10));
echo json_encode([$state, $lease]), "\n";
var_dump(cache_lease('key'), cache_lease_extend('key', 1, 1), cache_lease_release('key', 1), cache_commit('key', 1, 1));
var_dump(cache_mark_stale('key'), cache_mark_stale(['a', 5]), cache_tag_invalidate('tag'), cache_tag_invalidate(['a', 'b'], true));
attempt(fn() => cache_fetch_stale(''));
attempt(fn() => cache_tag_invalidate(''));
?>
--EXPECT--
bool(false)
array(2) {
  [0]=>
  string(3) "key"
  [1]=>
  NULL
}
array(2) {
  [0]=>
  string(3) "key"
  [1]=>
  NULL
}
int(2)
NULL
string(6) "nested"
Exception: thrown
ValueError: cache_compute(): Argument #9 ($lease_ttl) must be greater than 0
bool(true)
bool(false)
bool(true)
int(0)
array(0) {
}
[{"a":0,"5":0},{"a":0,"5":0}]
int(0)
bool(false)
bool(false)
bool(false)
bool(false)
array(2) {
  [0]=>
  string(1) "a"
  [1]=>
  string(1) "5"
}
int(0)
int(0)
ValueError: cache_fetch_stale(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_tag_invalidate(): Argument #1 ($tags) must be a list of tags of 1 to 255 bytes, one of 0 given
