--TEST--
Parameters can be given by name and left out
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-api-named-arguments${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

var_dump(cache_store(value: 1, key: 'a'), cache_store('b', 2, tags: ['t'], stale_ttl: 5, ttl: 60, stamp: null));
var_dump(cache_key_info(key: 'b')['tags'], cache_fetch(success: $success, key: 'a'), $success);
var_dump(cache_inc('a', ttl: 5), cache_dec(key: 'a', step: 2), cache_cas(new: 7, old: 0, key: 'a'), cache_fetch('a'));
var_dump(cache_store(['x' => 1], ttl: 5), cache_info(limited: true)['enabled']);
var_dump(iterator_count(new Cache\EntryIterator(chunk: 5, pattern: '/a/', prefix: null)));
?>
--EXPECT--
bool(true)
bool(true)
array(1) {
  [0]=>
  string(1) "t"
}
int(1)
bool(true)
int(2)
int(0)
bool(true)
int(7)
array(0) {
}
bool(true)
int(1)
