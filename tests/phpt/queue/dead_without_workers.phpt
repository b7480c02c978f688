--TEST--
A job that was lost in its last run is a dead letter for whoever looks first
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-queue-dead-without-workers${CACHE_TEST_RUN}
cache.queue_max_attempts=1
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$looks = [
    'dead' => fn() => cache_queue_dead('q')[0]['error'] ?? 0,
    'revive' => fn() => cache_queue_revive('q', 'k'),
    'purge' => fn() => cache_queue_purge('q', true),
    'info' => fn() => cache_queue_info('q')['dead'],
];
foreach ($looks as $how => $look) {
    cache_queue_push('q', 'k');
    $child = worker(fn() => told(cache_queue_pop('q', 0, INF)));
    $child->hear();
    $child->kill();
    echo "$how: ", await($look), "\n";
    cache_queue_purge('q');
    cache_queue_purge('q', true);
}
/* For a push it still runs, perhaps: it will run once more, in any case. */
cache_queue_push('q', 'k', 'first');
runPhp('cache_queue_pop("q", 0, INF);');
cache_queue_push('q', 'k', 'second');
echo preg_replace('/first|second/', 'payload', told(cache_queue_pop('q'))), ', ', told(cache_queue_pop('q')), "\n";
?>
--EXPECT--
dead: the worker died
revive: 1
purge: 1
info: 1
q/k, run 1: "payload", none
