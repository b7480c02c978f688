--TEST--
Values that are no integers are neither counted nor changed
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-counter-not-an-integer${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

foreach ([null, true, '5', 1.0, [1], new stdClass] as $value) {
    cache_store('key', $value);
    var_dump(cache_inc('key', 1, $success), $success, cache_dec('key'), cache_cas('key', 1, 2), cache_fetch('key') == $value);
}
?>
--EXPECT--
bool(false)
bool(false)
bool(false)
bool(false)
bool(true)
bool(false)
bool(false)
bool(false)
bool(false)
bool(true)
bool(false)
bool(false)
bool(false)
bool(false)
bool(true)
bool(false)
bool(false)
bool(false)
bool(false)
bool(true)
bool(false)
bool(false)
bool(false)
bool(false)
bool(true)
bool(false)
bool(false)
bool(false)
bool(false)
bool(true)
