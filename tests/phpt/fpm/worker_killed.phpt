--TEST--
kill -9 of a worker that reads a value harms nobody
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
cache.segment=test-fpm-worker-killed${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';
require __DIR__ . '/../fpm.inc';

class Sleeping
{
    public $data;
    public function __wakeup() {}
}
$sleeping = new Sleeping;
$sleeping->data = str_repeat('x', 100000);
cache_store('value', $sleeping);
$fpm = new Fpm(['cache.segment' => ini_get('cache.segment')]);
for ($round = 0; $round < 3; $round++) {
    cache_delete('victim');
    $socket = $fpm->send('class Sleeping { public $data; public function __wakeup() { cache_store("victim", getmypid()); sleep(20); } } cache_fetch("value");');
    for ($end = microtime(true) + 15; !$pid = cache_fetch("victim");) {
        microtime(true) < $end || die("the worker has not begun\n");
        usleep(1000);
    }
    echo $fpm->run('var_dump(cache_store("other", 1));');
    shell_exec("kill -KILL $pid");
    var_dump($fpm->receive($socket));
    echo $fpm->run('var_dump(cache_fetch("other"), cache_store("value 2", str_repeat("y", 1000)), strlen(cache_fetch("value 2")));');
}
var_dump(strlen(cache_fetch('value')->data), cache_store('value', 1), cache_fetch('value'));
$fpm->run('cache_fetch("value");');
unset($fpm);
var_dump(cache_info(true)['segment']['processes'], cache_info(true)['memory']['pinned']);
?>
--EXPECT--
bool(true)
string(0) ""
int(1)
bool(true)
int(1000)
bool(true)
string(0) ""
int(1)
bool(true)
int(1000)
bool(true)
string(0) ""
int(1)
bool(true)
int(1000)
int(100000)
bool(true)
int(1)
int(1)
int(0)
