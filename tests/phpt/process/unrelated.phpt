--TEST--
Unrelated processes of the same user share the segment
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-process-unrelated${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

cache_store('from here', ['a' => 1]);
echo runPhp('var_dump(cache_fetch("from here")); cache_store("from there", new ArrayObject([2])); var_dump(cache_inc("counter", 5));');
var_dump(cache_fetch('from there')[0], cache_inc('counter'));
?>
--EXPECT--
array(1) {
  ["a"]=>
  int(1)
}
int(5)
int(2)
int(6)
