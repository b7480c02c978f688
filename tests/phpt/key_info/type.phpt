--TEST--
cache_key_info() has PHP's names of types
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-key-info-type${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

foreach ([null, false, true, 1, PHP_INT_MAX, 1.5, 'a', [], [1], new stdClass, new ArrayObject] as $value) {
    cache_store('key', $value);
    echo cache_key_info('key')['type'], ' ';
}
?>
--EXPECT--
null bool bool int int float string array array object object 
