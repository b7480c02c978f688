--TEST--
A key is unique in its queue, and in that only
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-unique${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

var_dump(cache_queue_push('q', 'k'), cache_queue_push('r', 'k'), cache_queue_push('q', 'K'), cache_queue_push('q', "k\0"), cache_queue_push("q\0", 'k'));
var_dump(cache_queue_push('qk', ''. 'x'), cache_queue_push('q', 'kx'));
var_dump(cache_queue_push('q', 'k'), cache_queue_push("q\0", 'k'));
echo addcslashes(drain('q'), "\0"), "\n", drain('r'), "\n", drain("q\0"), "\n", drain('qk'), "\n";
/* Free again after the acknowledgement. */
var_dump(cache_queue_push('q', 'k'));
?>
--EXPECT--
int(1)
int(1)
int(1)
int(1)
int(1)
int(1)
int(1)
int(0)
int(0)
k K k\000 kx
k
k
x
int(1)
