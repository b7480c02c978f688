--TEST--
cache_mark_stale() makes an entry stale, for its stale_ttl
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-mark-stale-one${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

var_dump(cache_mark_stale('absent'));
cache_store('key', 'value', 600, 30, ['a', 'b']);
$before = cache_key_info('key');
var_dump(cache_mark_stale('key'), cache_fetch('key'), cache_exists('key'));
$after = cache_key_info('key');
$marked = -$after['stamp'];
var_dump($after['state'] === CACHE_STATE_STALE, $marked >= $before['stamp'], $after['version'] !== $before['version'], $after['soft'] === $marked, $after['hard'] === $marked + 30_000_000);
var_dump($after['tags'], $after['ttl'], $after['stale_ttl'], $after['size'] === $before['size'], cache_fetch_stale('key', $state), $state === CACHE_STATE_STALE);
echo "again\n";
var_dump(cache_mark_stale('key'));
$again = cache_key_info('key');
var_dump($again['version'] !== $after['version'], $again['stamp'] < $after['stamp'], $again['state'] === CACHE_STATE_STALE);
echo "what was stale by its time\n";
cache_store('old', 'value', 5, 600, stamp: (int) (microtime(true) * 1e6) - 30_000_000);
var_dump(cache_exists('old'), cache_mark_stale('old'), cache_stamp('old') < 0, cache_fetch_stale('old'));
echo "without a limit\n";
cache_store('forever', 'value', 0, INF);
var_dump(cache_mark_stale('forever'), cache_exists('forever'), cache_key_info('forever')['hard'], cache_fetch_stale('forever'));
$marks = cache_info(true)['marks'];
cache_mark_stale('key');
cache_mark_stale('absent');
var_dump(cache_info(true)['marks'] - $marks);
?>
--EXPECT--
bool(false)
bool(true)
bool(false)
bool(false)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
array(2) {
  [0]=>
  string(1) "a"
  [1]=>
  string(1) "b"
}
int(600)
int(30)
bool(true)
string(5) "value"
bool(true)
again
bool(true)
bool(true)
bool(true)
bool(true)
what was stale by its time
bool(false)
bool(true)
bool(true)
string(5) "value"
without a limit
bool(true)
bool(false)
NULL
string(5) "value"
int(1)
