--TEST--
When the cache is disabled nothing can be locked
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-locks-disabled${CACHE_TEST_RUN}
cache.enable=0
--FILE--
<?php
var_dump(cache_lock_for_read('x'), cache_lock_for_write('x', 10, 0, $recovered), $recovered, cache_lock_release('x'));
var_dump(cache_lock_info(), cache_lock_info('x'));
try {
    cache_lock_for_read('x', -1);
} catch (ValueError $e) {
    echo $e->getMessage(), "\n";
}
?>
--EXPECT--
bool(false)
bool(false)
bool(false)
bool(false)
array(0) {
}
array(0) {
}
cache_lock_for_read(): Argument #2 ($wait) must be greater than or equal to 0
