--TEST--
CACHE_KEEP stores nothing and gives the lease back
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-compute-keep${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

var_dump(cache_compute('missing', fn() => CACHE_KEEP), cache_key_info('missing'), cache_lease('missing') > 0);
cache_store('stale', ['old'], 0, 60);
cache_mark_stale('stale');
$version = cache_key_info('stale')['version'];
var_dump(cache_compute('stale', fn() => CACHE_KEEP) === ['old'], cache_key_info('stale')['version'] === $version, cache_lease('stale') > 0);
/* Whoever wants to know that the source has not changed touches. */
cache_store('touched', 'old', 10, 60, [], (int) (microtime(true) * 1e6) - 20_000_000);
var_dump(cache_compute('touched', function (string $key) { cache_cas_touch($key, null); return CACHE_KEEP; }), cache_fetch('touched'));
var_dump(cache_store('text', CACHE_KEEP), cache_fetch('text') === CACHE_KEEP);
?>
--EXPECT--
NULL
NULL
bool(true)
bool(true)
bool(true)
bool(true)
string(3) "old"
string(3) "old"
bool(true)
bool(true)
