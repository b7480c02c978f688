--TEST--
cache_delete() removes a stale entry, too
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-delete-stale${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 1, 0.02, 60);
usleep(40000);
var_dump(cache_exists('key'), cache_delete('key'), cache_key_info('key'));
?>
--EXPECT--
bool(false)
bool(true)
NULL
