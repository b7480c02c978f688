--TEST--
With cache.enable=0 every function answers as for an empty cache
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-disabled-enable${CACHE_TEST_RUN}
cache.enable=0
--FILE--
<?php
var_dump(cache_enabled());
var_dump(cache_store('a', 1), cache_store(['a' => 1, 5 => 2]), cache_add('a', 1), cache_fetch('a', $success), $success);
var_dump(cache_fetch(['a'], $success), $success, cache_exists('a'), cache_exists(['a']), cache_delete('a'), cache_delete(['a', 5]));
var_dump(cache_delete(new Cache\EntryIterator), cache_inc('a', 1, $success), $success, cache_dec('a'), cache_cas('a', 1, 2), cache_clear());
var_dump(cache_key_info('a'), count(new Cache\EntryIterator), iterator_to_array(new Cache\EntryIterator('a', '/a/', true)));
var_dump(cache_info());
try {
    cache_store('', 1);
} catch (ValueError $e) {
    echo $e->getMessage(), "\n";
}
?>
--EXPECT--
bool(false)
bool(false)
array(2) {
  [0]=>
  string(1) "a"
  [1]=>
  string(1) "5"
}
bool(false)
bool(false)
bool(false)
array(0) {
}
bool(false)
bool(false)
array(0) {
}
bool(false)
array(2) {
  [0]=>
  string(1) "a"
  [1]=>
  string(1) "5"
}
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
NULL
int(0)
array(0) {
}
array(3) {
  ["enabled"]=>
  bool(false)
  ["version"]=>
  string(5) "0.1.0"
  ["reason"]=>
  string(17) "cache.enable is 0"
}
cache_store(): Argument #1 ($key) must be 1 to 65535 bytes long
