--TEST--
A long string is the same whether its hash was computed or not
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-if-changed-text-with-hash${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$text = str_repeat('text', 100);
var_dump(cache_store_if_changed('key', $text));
// Readers, and who stores it, use it as an array key, which writes its hash down.
$fetched = cache_fetch('key');
$array = [$fetched => 1];
var_dump(isset($array[$text]), cache_store_if_changed('key', str_repeat('text', 100)), cache_store_if_changed('key', $text), cache_store_if_changed('key', $fetched));
$array = [$text => 1];
var_dump(cache_store_if_changed('key', $text), cache_store_if_changed('key', array_key_first($array)), cache_info(true)['stores']);
var_dump(cache_store_if_changed('other', array_key_first($array)), cache_store_if_changed('other', str_repeat('text', 100)));
var_dump(cache_store_if_changed('other', str_repeat('text', 99) . 'next'), cache_fetch('other') === str_repeat('text', 99) . 'next');
?>
--EXPECT--
int(1)
bool(true)
int(2)
int(2)
int(2)
int(2)
int(2)
int(1)
int(1)
int(2)
int(1)
bool(true)
