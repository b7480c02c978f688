--TEST--
A worker of FPM that is killed while it holds a lock is noticed
--EXTENSIONS--
cache
--SKIPIF--
<?php
require __DIR__ . '/../fpm.inc';
if (!fpmBinary()) {
    die('skip needs a php-fpm of this version');
}
?>
--INI--
cache.enable_cli=1
cache.segment=test-locks-worker-killed${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../fpm.inc';

$fpm = new Fpm(['cache.segment' => ini_get('cache.segment')]);
cache_delete('victim');
$socket = $fpm->send('cache_lock_for_write("x"); cache_store("victim", getmypid()); sleep(60);');
for ($end = hrtime(true) + 20e9; !$pid = cache_fetch('victim'); usleep(1000)) {
    hrtime(true) < $end || die("the worker has not begun\n");
}
var_dump(cache_lock_for_read('x'));
shell_exec("kill -KILL $pid");
var_dump($fpm->receive($socket), cache_lock_for_write('x', 10.0, 0, $recovered) > 0, $recovered);
?>
--EXPECT--
bool(false)
string(0) ""
bool(true)
bool(true)
