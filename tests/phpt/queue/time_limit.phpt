--TEST--
The time limit ends a wait
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
cache.segment=test-queue-time-limit${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$child = new Relative(static function (Line $line): void {
    ini_set('display_errors', '1');
    ini_set('log_errors', '0');
    set_time_limit(300);
    ob_start(static function (string $output) use ($line): string {
        $line->say(trim(explode(' in ', strip_tags($output))[0]));
        return '';
    });
    cache_queue_pop('q', INF);
});
await(fn() => cache_queue_info('q')['workers'] === 1);
/* As the timer of the time limit does. */
$child->signal('PROF');
echo $child->hear(), "\n", $child->wait(), "\n";
await(fn() => cache_queue_info('q')['workers'] === 0);
cache_queue_push('q', 'k');
echo told(cache_queue_pop('q')), "\n";
?>
--EXPECT--
Fatal error: Maximum execution time of 300 seconds exceeded
ended with 255
q/k, run 1: null
