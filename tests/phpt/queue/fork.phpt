--TEST--
A forked child neither has the jobs of its parent nor gives them back
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-queue-fork${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('q', 'k', 'of the parent');
$job = cache_queue_pop('q', 0, 3600);
$child = worker(
    fn() => told(cache_queue_pop('q')),
    fn() => cache_queue_push('q', 'mine') . ' ' . told(cache_queue_pop('q', 0, 3600)),
);
echo $child->hear(), "\n", $child->ask(), "\n";
echo info('q', 'running'), ' ', $child->end(), "\n";
/* Its own job is free, the parent's is not. */
echo told($own = cache_queue_pop('q')), "\n", info('q', 'running', 'lease_lost'), "\n";
cache_queue_ack($own['id'], $own['token']);
/* And the other way round: the parent ends first. */
cache_queue_push('q', 'of a child');
$child = new Relative(static function (Line $line): void {
    $line->say(told(cache_queue_pop('q', 0, 3600)));
    $line->handOver(static function (Line $line): void {
        $line->wait();
        $line->say(told(cache_queue_pop('q', 30, 3600)));
        $line->wait();
    });
});
echo $child->hear(), $child->wait(), "\n";
echo $child->ask(), "\n";
$child->let();
var_dump(cache_queue_ack($job['id'], $job['token']));
?>
--EXPECT--
"none"
"1 q\/mine, run 1: null"
{"running":2} 
q/mine, run 2: null
{"running":2,"lease_lost":1}
q/of a child, run 1: null
q/of a child, run 2: null
bool(true)
