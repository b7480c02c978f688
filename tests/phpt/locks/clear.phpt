--TEST--
cache_clear() leaves locks alone
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-locks-clear${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$token = cache_lock_for_write('x');
cache_clear();
var_dump(cache_lock_info('x')['token'] === $token, cache_lock_release('x'));
?>
--EXPECT--
bool(true)
bool(true)
