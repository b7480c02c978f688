--TEST--
A process that found no slot of its own cannot lock
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-locks-no-slot${CACHE_TEST_RUN}
cache.max_processes=1
error_log=/dev/null
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../process.inc';
function writes(string $n): bool { return cache_lock_for_write($n) > 0; }

writes('x');
$code = 'var_dump(cache_info(true)["segment"]["guest"], cache_lock_for_read("y"), cache_lock_for_write("y", 5), cache_lock_release("x"));
    var_dump(cache_lock_info("x")["writer"], cache_store("key", 1) || true);';
echo runPhp("ini_set('log_errors', '0'); $code");
var_dump(cache_info(true)['named_locks_refused'], cache_lock_info('x')['held_by_me']);
?>
--EXPECT--
bool(true)
bool(false)
bool(false)
bool(false)
bool(true)
bool(true)
int(2)
string(5) "write"
