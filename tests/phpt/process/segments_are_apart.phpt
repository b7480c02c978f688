--TEST--
Segments of different names are apart
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-process-segments-are-apart${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

cache_store('key', 'here');
echo runPhp('cache_clear(); var_dump(cache_fetch("key")); cache_store("key", "there"); unlink(cache_info(true)["segment"]["path"]);', ['cache.segment' => ini_get('cache.segment') . '-2']);
var_dump(cache_fetch('key'));
?>
--EXPECT--
bool(false)
string(4) "here"
