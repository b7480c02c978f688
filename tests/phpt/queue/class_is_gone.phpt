--TEST--
A job whose class is not there is failed, and the next one comes
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-class-is-gone${CACHE_TEST_RUN}
error_log=/dev/null
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$push = 'enum Gone { case One; } class Lost { public $a = 1; public function __serialize(): array { return [1]; } }';
echo runPhp($push . 'cache_queue_push("q", "enum", Gone::One); cache_queue_push("q", "object", [new Lost]); cache_queue_push("q", "good", 5);');
echo told(@cache_queue_pop('q')), "\n", told(@cache_queue_pop('q')), "\n";
echo info('q', 'waiting', 'delayed', 'running', 'failed'), "\n";
/* Where it is there the job can be done. */
echo runPhp($push . '$job = cache_queue_pop("q", 20); echo $job["key"], " ", $job["attempt"], " ", get_debug_type($job["payload"]), "\n";');
?>
--EXPECT--
q/object, run 1: [{"__PHP_Incomplete_Class_Name":"Lost","0":1}]
q/good, run 1: 5
{"waiting":0,"delayed":1,"running":2,"failed":1}
enum 2 Gone
