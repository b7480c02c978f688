--TEST--
Locks are still held in shutdown functions and destructors
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-locks-destructors${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../process.inc';

$code = '
    class Last { function __destruct() { echo json_encode(cache_lock_info("x")["held_by_me"] ?? null), "\n"; } }
    register_shutdown_function(fn() => print json_encode(cache_lock_info("x")["held_by_me"] ?? null) . "\n");
    cache_lock_for_write("x");
    $last = new Last;
';
echo runPhp($code);
var_dump(cache_lock_for_write('x', recovered: $recovered) > 0, $recovered);
?>
--EXPECT--
"write"
"write"
bool(true)
bool(false)
