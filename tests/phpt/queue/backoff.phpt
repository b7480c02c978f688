--TEST--
A job that failed waits 1, 2, 4 seconds, of which up to a half is left out by chance
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-backoff${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

/* What it waits at least is too long to be awaited here: the deadline is found by attempts to take it. */
$ready = [];
$start = hrtime(true);
for ($i = 0; $i < 40; $i++) {
    cache_queue_push('q', "key $i");
}
while ($job = cache_queue_pop('q')) {
    cache_queue_fail($job['id'], $job['token'], 'failed');
}
$failed = hrtime(true);
while (count($ready) < 40 && $job = cache_queue_pop('q', 30)) {
    $ready[] = hrtime(true);
    $job['attempt'] === 2 || print("not the second run\n");
    $job['key'] === 'key 0' ? cache_queue_fail($job['id'], $job['token']) : cache_queue_ack($job['id'], $job['token']);
    $second = $job['key'] === 'key 0' ? hrtime(true) : $second ?? 0;
}
$job = cache_queue_pop('q', 30);
$third = (hrtime(true) - $second) / 1e9;
/* How late they come says nothing on a machine that has other things to do. */
var_dump($job['attempt'], $third >= 0.99 && $third < 10, ($ready[0] - $start) / 1e9 >= 0.49, (end($ready) - $failed) / 1e9 < 10, (end($ready) - $ready[0]) / 1e9 > 0.1);
?>
--EXPECT--
int(3)
bool(true)
bool(true)
bool(true)
bool(true)
