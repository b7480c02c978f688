--TEST--
A reference to a value is stored as the value
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-store-top-level-reference${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$value = 'first';
$reference = &$value;
cache_store('key', $reference);
cache_store(['in array' => &$value]);
$value = 'second';
var_dump(cache_fetch('key'), cache_fetch('in array'));
?>
--EXPECT--
string(5) "first"
string(5) "first"
