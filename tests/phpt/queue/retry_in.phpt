--TEST--
A job that failed waits for exactly the time that was told
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-retry-in${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

function failNext(string $queue, mixed ...$arguments): void
{
    $job = cache_queue_pop($queue, 30);
    var_dump(cache_queue_fail($job['id'], $job['token'], ...$arguments));
}
cache_queue_push('q', 'k');
failNext('q', null, 0);
failNext('q', 'why', retry_in: 0.5);
$start = hrtime(true);
echo info('q', 'waiting', 'delayed'), "\n";
echo told($job = cache_queue_pop('q', 30)), "\n";
var_dump((hrtime(true) - $start) / 1e9 > 0.49, cache_queue_ack($job['id'], $job['token']));
/* Never again, by itself. */
cache_queue_push('q', 'never');
failNext('q', 'for good', INF);
echo info('q', 'waiting', 'delayed', 'dead'), ' ', told(cache_queue_pop('q', 0.05)), "\n";
var_dump(cache_queue_purge('q'));
/* null: by backoff. */
cache_queue_push('q', 'k');
failNext('q', null, null);
echo info('q', 'waiting', 'delayed'), "\n";
?>
--EXPECT--
bool(true)
bool(true)
{"waiting":0,"delayed":1}
q/k, run 3: null
bool(true)
bool(true)
bool(true)
{"waiting":0,"delayed":1,"dead":0} none
int(1)
bool(true)
{"waiting":0,"delayed":1}
