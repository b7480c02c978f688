--TEST--
A wait without a job ends in time, with null
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-wait-ends${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

foreach ([0, 0.01, 0.06, 0.3] as $wait) {
    $start = hrtime(true);
    var_dump(cache_queue_pop(['q', 'r'], $wait));
    $took = (hrtime(true) - $start) / 1e9;
    /* Much later only on a machine that has other things to do. */
    if ($took < $wait || $took > $wait + 10) {
        var_dump($took);
    }
}
/* What comes too late is left. */
cache_queue_push('q', 'k', delay: 3600);
var_dump(cache_queue_pop('q', 0.05));
?>
--EXPECT--
NULL
NULL
NULL
NULL
NULL
