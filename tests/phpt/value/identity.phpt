--TEST--
Two places that hold the same object hold the same object when fetched
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-value-identity${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$object = new stdClass;
$object->n = 1;
cache_store('key', ['a' => $object, 'b' => $object, 'c' => clone $object]);
$fetched = cache_fetch('key');
var_dump($fetched['a'] === $fetched['b'], $fetched['a'] === $fetched['c'], $fetched['a'] == $fetched['c']);
?>
--EXPECT--
bool(true)
bool(false)
bool(true)
