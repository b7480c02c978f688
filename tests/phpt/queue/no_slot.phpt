--TEST--
A process that is one too many may push and work, for as long as its leases last
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-queue-no-slot${CACHE_TEST_RUN}
cache.max_processes=1
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('q', 'k', 'payload');
$child = worker(
    fn() => cache_queue_push('q', 'of the child'),
    fn() => told($GLOBALS['job'] = cache_queue_pop('q', 0, 3600)),
    fn() => cache_queue_ack($GLOBALS['job']['id'], $GLOBALS['job']['token']),
    fn() => told($GLOBALS['job'] = cache_queue_pop('q', 30, 0.3)),
    fn() => told(cache_queue_pop('other', 30, 3600)),
    fn() => cache_queue_info('other')['running'],
);
echo $child->hear(), "\n", $child->ask(), "\n", $child->ask(), "\n", $child->ask(), "\n";
/* Its death is not noticed, the end of its lease is. */
$child->let();
usleep(20000);
cache_queue_push('other', 'k', 'while it waits');
echo $child->hear(), "\n", $child->ask(), "\n";
$child->kill();
echo told(cache_queue_pop('q', 30)), "\n", told(cache_queue_pop('other', 0.2)), "\n";
?>
--EXPECT--
1
"q\/k, run 1: \"payload\""
true
"q\/of the child, run 1: null"
"other\/k, run 1: \"while it waits\""
1
q/of the child, run 2: null
none
