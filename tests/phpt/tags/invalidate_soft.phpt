--TEST--
A soft invalidation makes entries of the tag stale, for their stale_ttl
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-tags-invalidate-soft${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('a', 'A', 600, 600, ['one', 'two']);
cache_store('b', 'B', 0, INF, ['two']);
cache_store('c', 'C', 600, 600, ['three']);
cache_store('d', 'D', 600, 600);
cache_store('e', 'E', 600, 0, ['two']);
cache_store('f', 5, 600, 60, ['two']);
$before = cache_key_info('a');
var_dump(cache_tag_invalidate('unknown'), array_keys(cache_exists(['a', 'b', 'c', 'd', 'e', 'f'])));
var_dump(cache_tag_invalidate('two'), array_keys(cache_exists(['a', 'b', 'c', 'd', 'e', 'f'])));
$after = cache_key_info('a');
var_dump($after['state'] === CACHE_STATE_STALE, $after['version'] === $before['version'], $after['stamp'] === $before['stamp'], $after['soft'] < $before['soft'], $after['hard'] < $before['hard'], $after['hard'] - $after['soft'] === 600_000_000);
var_dump(cache_fetch_stale('a', $state), $state === CACHE_STATE_STALE, cache_fetch_stale('b'), cache_key_info('b')['hard'], cache_key_info('e'), cache_fetch_stale('e'), cache_inc('f'));
echo "what counts as absent\n";
var_dump(cache_fetch('a'), cache_gets('a', $token), $token, cache_add('a', 'new', 600, 600, ['one', 'two']), cache_fetch('a'));
echo "stored after it\n";
var_dump(cache_store('b', 'again', 0, INF, ['two']), cache_fetch('b'));
cache_tag_invalidate('one');
var_dump(cache_fetch('a'), cache_fetch('b'), cache_fetch('c'));
?>
--EXPECT--
int(1)
array(6) {
  [0]=>
  string(1) "a"
  [1]=>
  string(1) "b"
  [2]=>
  string(1) "c"
  [3]=>
  string(1) "d"
  [4]=>
  string(1) "e"
  [5]=>
  string(1) "f"
}
int(1)
array(2) {
  [0]=>
  string(1) "c"
  [1]=>
  string(1) "d"
}
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
string(1) "A"
bool(true)
string(1) "B"
NULL
NULL
bool(false)
int(1)
what counts as absent
bool(false)
bool(false)
int(0)
bool(true)
string(3) "new"
stored after it
bool(true)
string(5) "again"
bool(false)
string(5) "again"
string(1) "C"
