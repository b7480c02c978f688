--TEST--
Whoever reads already is given the lock again though a writer waits
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-held-readers-go-on${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

reads('x');
$writer = lockChild(fn() => writes('x', 30.0));
awaitWriter('x');
var_dump(reads('x'), cache_lock_release('x'), cache_lock_release('x'));
echo $writer->hear(), "\n";
$writer->end();
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
true
