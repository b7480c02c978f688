--TEST--
Readers of a stale value do not make a running job run again, nor one that waits for its retry sooner
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-fetch-stale-running${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_store('k', 'old', 0, 3600);
cache_mark_stale('k');
cache_queue_push('q', 'k', 'explicit', 0, 5);
$want = function (): void {
    cache_fetch_stale('k', $state, $lease, 10, 0, 'q');
    echo $lease, ' ', info('q', 'waiting', 'delayed', 'running', 'again'), "\n";
};
$want();
$job = cache_queue_pop('q');
echo told($job), "\n";
$want();
cache_queue_fail($job['id'], $job['token'], 'failed', 3600);
$want();
cache_queue_purge('q');
$want();
$job = cache_queue_pop('q');
echo told($job), "\n";
$want();
cache_queue_ack($job['id'], $job['token']);
echo told(cache_queue_pop('q')), "\n";
?>
--EXPECT--
-1 {"waiting":1,"delayed":0,"running":0,"again":0}
q/k, run 1: "explicit"
-1 {"waiting":0,"delayed":0,"running":1,"again":0}
-1 {"waiting":0,"delayed":1,"running":0,"again":0}
-1 {"waiting":1,"delayed":0,"running":0,"again":0}
q/k, run 1: null
-1 {"waiting":0,"delayed":0,"running":1,"again":0}
none
