--TEST--
Entries outlive the process that stored them
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-process-outlives${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

$ini = ['cache.segment' => ini_get('cache.segment') . '-2'];
echo runPhp('cache_clear(); var_dump(cache_store("key", "value"));', $ini);
echo runPhp('var_dump(cache_fetch("key")); unlink(cache_info(true)["segment"]["path"]);', $ini);
?>
--EXPECT--
bool(true)
string(5) "value"
