--TEST--
cache.size of the living segment wins over another one
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-ini-sizes${CACHE_TEST_RUN}
cache.size=16M
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

$size = cache_info(true)['segment']['size'];
cache_store('key', 'value');
echo runPhp('var_dump(cache_fetch("key"), cache_info(true)["segment"]["size"]);', ['cache.size' => '32M']);
var_dump($size);
?>
--EXPECTF--
%Acache: %s
%Astring(5) "value"
int(16777216)
int(16777216)
