--TEST--
What all processes left behind when they were killed is known to the next one
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-locks-all-killed${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../process.inc';

$ini = ['cache.segment' => ini_get('cache.segment') . '-2'];
$kill = 'shell_exec("kill -KILL " . getmypid());';
runPhp("cache_lock_for_write('written'); cache_lock_for_read('read'); $kill", $ini);
echo runPhp('
    var_dump(array_keys(cache_lock_info()), cache_lock_for_write("written", recovered: $recovered) > 0, $recovered);
    var_dump(cache_lock_for_write("read", recovered: $recovered) > 0, $recovered);
    unlink(cache_info(true)["segment"]["path"]);
', $ini);
?>
--EXPECT--
array(1) {
  [0]=>
  string(7) "written"
}
bool(true)
bool(true)
bool(true)
bool(false)
