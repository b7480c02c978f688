--TEST--
A merged push brings a delayed job nearer, and never puts it off
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-merge-time${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('q', 'now', delay: 3600);
cache_queue_push('q', 'soon', delay: 3600);
cache_queue_push('q', 'never', delay: INF);
cache_queue_push('q', 'later', delay: 60);
cache_queue_push('q', 'ready');
var_dump(cache_queue_push('q', 'later', delay: 3600), cache_queue_push('q', 'ready', delay: 3600));
echo info('q', 'waiting', 'delayed'), "\n";
var_dump(cache_queue_push('q', 'now'), cache_queue_push('q', 'soon', delay: 0.7), cache_queue_push('q', 'never', delay: 0.9));
echo told(cache_queue_pop('q')), "\n", told(cache_queue_pop('q')), "\n", told(cache_queue_pop('q', 30)), "\n", told(cache_queue_pop('q', 30)), "\n", told(cache_queue_pop('q')), "\n";
?>
--EXPECT--
int(0)
int(0)
{"waiting":1,"delayed":4}
int(0)
int(0)
int(0)
q/now, run 1: null
q/ready, run 1: null
q/soon, run 1: null
q/never, run 1: null
none
