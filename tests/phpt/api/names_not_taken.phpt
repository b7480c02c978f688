--TEST--
Names that applications define are not taken
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-api-names-not-taken${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

foreach (['cache_get', 'cache_set', 'cache_clear_all', 'cache_get_multiple', 'cache_is_empty', 'cache', 'cache_remember', 'cache_lock'] as $name) {
    if (function_exists($name)) {
        echo "$name is taken\n";
    }
}
foreach (['CACHE_PERMANENT', 'CACHE_TEMPORARY', 'CACHE_DISABLED'] as $name) {
    if (defined($name)) {
        echo "$name is taken\n";
    }
}
var_dump(CACHE_STATE_MISSING, CACHE_STATE_FRESH, CACHE_STATE_AGING, CACHE_STATE_STALE);
?>
--EXPECT--
int(0)
int(1)
int(2)
int(3)
