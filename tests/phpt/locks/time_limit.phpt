--TEST--
The time limit ends a wait, and the queue is left
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
cache.segment=test-locks-time-limit${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

writes('x');
$child = new Relative(static function (Line $line): void {
    ini_set('display_errors', '1');
    ini_set('log_errors', '0');
    set_time_limit(300);
    ob_start(static function (string $output) use ($line): string {
        $line->say(trim(explode(' in ', strip_tags($output))[0]));
        return '';
    });
    cache_lock_for_write('x', INF);
});
awaitWriter('x');
/* As the timer of the time limit does. */
shell_exec("kill -PROF $child->pid");
echo $child->hear(), "\n", $child->wait(), "\n";
var_dump(cache_lock_info('x')['waiting'], cache_lock_release('x'), reads('x'));
?>
--EXPECT--
Fatal error: Maximum execution time of 300 seconds exceeded
ended with 255
bool(false)
bool(true)
bool(true)
