--TEST--
disable_functions frees the names for the application
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-disabled-functions${CACHE_TEST_RUN}
disable_functions=cache_fetch
--FILE--
<?php
require __DIR__ . '/../segment.inc';

function cache_fetch(string $name): string
{
    return "the application's own $name";
}
echo cache_fetch('function'), "\n";
var_dump(cache_store('key', 1), cache_exists('key'));
?>
--EXPECT--
the application's own function
bool(true)
bool(true)
