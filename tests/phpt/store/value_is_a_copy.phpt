--TEST--
A fetched value can be changed without changing the entry
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-store-value-is-a-copy${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('array', ['a' => [1, 2]]);
cache_store('string', 'text of some length');
$array = cache_fetch('array');
$array['a'][] = 3;
$string = cache_fetch('string');
$string[0] = 'T';
echo json_encode([$array, $string, cache_fetch('array'), cache_fetch('string')]), "\n";
?>
--EXPECT--
[{"a":[1,2,3]},"Text of some length",{"a":[1,2]},"text of some length"]
