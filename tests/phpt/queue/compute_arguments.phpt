--TEST--
The name of the queue of cache_compute() and cache_fetch_stale() is checked
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-compute-arguments${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

foreach (['', str_repeat('q', 256), []] as $queue) {
    attempt(fn() => cache_compute('k', fn() => print("called\n"), queue: $queue));
    attempt(fn() => cache_fetch_stale('k', queue: $queue));
}
attempt(fn() => cache_compute('k', fn() => 'value', queue: str_repeat('q', 255)));
attempt(fn() => cache_fetch_stale('missing', queue: str_repeat("\0", 255)));
attempt(fn() => cache_fetch_stale('missing', queue: null));
var_dump(array_map(strlen(...), array_keys(cache_queue_info())));
?>
--EXPECT--
ValueError: cache_compute(): Argument #7 ($queue) must be a name of 1 to 255 bytes
ValueError: cache_fetch_stale(): Argument #6 ($queue) must be a name of 1 to 255 bytes
ValueError: cache_compute(): Argument #7 ($queue) must be a name of 1 to 255 bytes
ValueError: cache_fetch_stale(): Argument #6 ($queue) must be a name of 1 to 255 bytes
TypeError: cache_compute(): Argument #7 ($queue) must be of type ?string, array given
TypeError: cache_fetch_stale(): Argument #6 ($queue) must be of type ?string, array given
string(5) "value"
bool(false)
bool(false)
array(1) {
  [0]=>
  int(255)
}
