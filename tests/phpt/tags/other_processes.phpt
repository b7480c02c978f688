--TEST--
An invalidation is seen by every process
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-tags-other-processes${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

cache_store('key', 'value', 600, 600, ['tag']);
echo runPhp('var_dump(cache_fetch("key"), cache_tag_invalidate("tag"), cache_fetch("key"));');
var_dump(cache_fetch('key'));
cache_store('key', 'new', 600, 600, ['tag']);
echo runPhp('var_dump(cache_fetch("key"));');
?>
--EXPECT--
string(5) "value"
int(1)
bool(false)
bool(false)
string(3) "new"
