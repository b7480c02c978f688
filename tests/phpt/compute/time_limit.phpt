--TEST--
The time limit ends a program that waits
--EXTENSIONS--
cache
pcntl
--SKIPIF--
<?php
if (PHP_ZTS) {
    die('skip its timer uses another signal');
}
?>
--INI--
cache.enable_cli=1
cache.segment=test-compute-time-limit${CACHE_TEST_RUN}
log_errors=0
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../relative.inc';

$holder = new Relative(function (Line $line) {
    $line->say(cache_lease('key', 3600) > 0 ? 'holds' : 'none');
    $line->wait();
});
echo $holder->hear(), "\n";
$waiter = new Relative(function (Line $line) {
    set_time_limit(600);
    $line->say('waits');
    register_shutdown_function(fn() => $line->say(error_get_last()['message']));
    ini_set('display_errors', '0');
    cache_compute('key', fn() => 'not called', wait: 3600);
});
echo $waiter->hear(), "\n";
/* It counts time of the processor, which nobody uses who sleeps: so it is told that the time is over. */
usleep(50_000);
$waiter->signal('PROF');
echo $waiter->hear(), "\n", $waiter->wait(), "\n";
$holder->end();
?>
--EXPECT--
holds
waits
Maximum execution time of 600 seconds exceeded
ended with 255
