--TEST--
The end of a request releases its locks, however it ends
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
cache.segment=test-locks-request-end${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../fpm.inc';

$fpm = new Fpm(['cache.segment' => ini_get('cache.segment'), 'memory_limit' => '16M', 'display_errors' => '0', 'log_errors' => '0'], 1);
$ends = [
    'nothing' => '',
    'exit' => 'exit;',
    'an exception' => 'throw new Exception;',
    'a fatal error' => 'not_there();',
    'no memory' => 'str_repeat("x", 100 << 20);',
    'die in a shutdown function' => 'register_shutdown_function(function () { cache_lock_for_read("y"); exit; });',
];
$pid = $fpm->run('echo getmypid();');
foreach ($ends as $how => $code) {
    $fpm->run('cache_lock_for_write("x"); cache_lock_for_write("x"); cache_lock_for_read("y"); ' . $code);
    echo "$how: ";
    var_dump(cache_lock_for_write('x', 10.0, 0, $recovered) > 0 && cache_lock_for_write('y', 10.0) > 0 && !$recovered);
    cache_lock_release('x');
    cache_lock_release('y');
}
var_dump($fpm->run('echo getmypid();') === $pid);
?>
--EXPECT--
nothing: bool(true)
exit: bool(true)
an exception: bool(true)
a fatal error: bool(true)
no memory: bool(true)
die in a shutdown function: bool(true)
bool(true)
