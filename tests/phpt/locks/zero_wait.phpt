--TEST--
Without $wait nobody waits, and $recovered is false
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-zero-wait${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

$other = lockChild(fn() => writes('x'));
$other->hear();
$recovered = 'unchanged';
$begun = hrtime(true);
var_dump(cache_lock_for_write('x', 0, 0, $recovered), $recovered, cache_lock_for_read('x', 0.0));
var_dump(cache_lock_for_read('x', 0.01), hrtime(true) - $begun < 20e9, cache_info(true)['named_locks_waited'], cache_lock_info('x')['waiting']);
$other->end();
?>
--EXPECT--
bool(false)
bool(false)
bool(false)
bool(false)
bool(true)
int(1)
bool(false)
