--TEST--
cache_store() replaces a value of any other type
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-store-replaces${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$values = [1, 'text', [1, 2], null, 1.5, new stdClass, true, str_repeat('x', 100000), 7];
foreach ($values as $value) {
    var_dump(cache_store('key', $value), cache_fetch('key') == $value);
}
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
