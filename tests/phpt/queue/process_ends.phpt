--TEST--
The end of a process gives its jobs back, however it ends
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-process-ends${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$ends = ['nothing' => '', 'exit' => 'exit;', 'an exception' => 'throw new Exception;', 'a fatal error' => 'str_repeat("x", 1 << 40);', 'a shutdown function' => 'register_shutdown_function(fn() => die);'];
foreach ($ends as $how => $code) {
    cache_queue_push('q', 'k', $how);
    cache_queue_push('q', 'second');
    runPhp('cache_queue_pop("q", 0, INF); cache_queue_pop("q", 0, 3600); ' . $code);
    echo told($job = cache_queue_pop('q')), ', ', told($second = cache_queue_pop('q')), "\n";
    cache_queue_ack($job['id'], $job['token']);
    cache_queue_ack($second['id'], $second['token']);
}
echo info('q', 'lease_lost'), "\n";
?>
--EXPECT--
q/k, run 2: "nothing", q/second, run 2: null
q/k, run 2: "exit", q/second, run 2: null
q/k, run 2: "an exception", q/second, run 2: null
q/k, run 2: "a fatal error", q/second, run 2: null
q/k, run 2: "a shutdown function", q/second, run 2: null
{"lease_lost":10}
