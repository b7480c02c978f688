--TEST--
An exception leaves no lease and no entry; with a stale value at hand it is logged
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-compute-exceptions${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

ini_set('error_log', $log = tempnam(sys_get_temp_dir(), 'cache-log'));
class Broken extends Exception {}
$ends = [
    'exception' => fn() => throw new Broken('no source'),
    'closure' => fn() => ['path' => fn() => 1],
    'generator' => function () { yield 1; },
    'error' => fn() => undefined(),
];
foreach ($ends as $name => $end) {
    $key = "$name, missing";
    attempt(fn() => cache_compute($key, $end));
    var_dump(cache_key_info($key), cache_lease($key) > 0);
    $key = "$name, stale";
    cache_store($key, 'old', 0, 60);
    cache_mark_stale($key);
    attempt(fn() => cache_compute($key, $end));
    var_dump(cache_key_info($key)['state'] === CACHE_STATE_STALE, cache_lease($key) > 0);
    $key = "$name, aging";
    cache_store($key, ['aging'], 60);
    attempt(fn() => cache_compute($key, $end, refresh_ahead: 100)[0]);
    var_dump(cache_key_info($key)['state'] === CACHE_STATE_FRESH, cache_lease($key) > 0);
}
echo preg_replace('/^\[.*?\] /m', '', file_get_contents($log));
unlink($log);
?>
--EXPECT--
Broken: no source
NULL
bool(true)
string(3) "old"
bool(true)
bool(true)
string(5) "aging"
bool(true)
bool(true)
Cache\UnstorableException: $value['path'] cannot be cached: class Closure does not allow serialization
NULL
bool(true)
string(3) "old"
bool(true)
bool(true)
string(5) "aging"
bool(true)
bool(true)
Cache\UnstorableException: $value cannot be cached: class Generator does not allow serialization
NULL
bool(true)
string(3) "old"
bool(true)
bool(true)
string(5) "aging"
bool(true)
bool(true)
Error: Call to undefined function undefined()
NULL
bool(true)
string(3) "old"
bool(true)
bool(true)
string(5) "aging"
bool(true)
bool(true)
cache: the rebuild of "exception, stale" failed: Broken: no source
cache: the rebuild of "exception, aging" failed: Broken: no source
cache: the rebuild of "closure, stale" failed: Cache\UnstorableException: $value['path'] cannot be cached: class Closure does not allow serialization
cache: the rebuild of "closure, aging" failed: Cache\UnstorableException: $value['path'] cannot be cached: class Closure does not allow serialization
cache: the rebuild of "generator, stale" failed: Cache\UnstorableException: $value cannot be cached: class Generator does not allow serialization
cache: the rebuild of "generator, aging" failed: Cache\UnstorableException: $value cannot be cached: class Generator does not allow serialization
cache: the rebuild of "error, stale" failed: Error: Call to undefined function undefined()
cache: the rebuild of "error, aging" failed: Error: Call to undefined function undefined()
