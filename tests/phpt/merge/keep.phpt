--TEST--
CACHE_KEEP leaves things as they are
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-merge-keep${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 'value', 60, 60, ['tag']);
cache_gets('key', $token);
$info = cache_key_info('key');
$lease = cache_lease('key');
var_dump(cache_merge('key', fn() => CACHE_KEEP, 5, 5, ['other']), cache_gets('key', $after), $after === $token);
var_dump(array_diff_key(cache_key_info('key'), ['lease' => 1]) == array_diff_key($info, ['lease' => 1]), cache_commit('key', $lease, 'committed'), cache_fetch('key'));

echo "absent\n";
$lease = cache_lease('absent');
var_dump($lease > 0, cache_merge('absent', fn() => CACHE_KEEP), cache_key_info('absent'), cache_commit('absent', $lease, 'late'), cache_exists('absent'));
echo "stale\n";
cache_store('stale', 'old', 60, 60);
cache_mark_stale('stale');
$lease = cache_lease('stale');
$stamp = cache_stamp('stale');
var_dump(cache_merge('stale', fn() => CACHE_KEEP), cache_stamp('stale') === $stamp, cache_commit('stale', $lease, 'late'), cache_exists('stale'));
echo "by reference\n";
$keep = CACHE_KEEP;
var_dump(cache_merge('key', function &() use (&$keep) { return $keep; }), cache_fetch('key'), CACHE_KEEP === $keep);
?>
--EXPECT--
bool(true)
string(5) "value"
bool(true)
bool(false)
bool(true)
string(9) "committed"
absent
bool(true)
bool(true)
NULL
bool(false)
bool(false)
stale
bool(true)
bool(true)
bool(false)
bool(false)
by reference
bool(true)
string(9) "committed"
bool(true)
