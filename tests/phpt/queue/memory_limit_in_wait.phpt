--TEST--
An excess of memory_limit that PHP has left pending ends the waiting for a job
--EXTENSIONS--
cache
--SKIPIF--
<?php
if (ini_get('memory_hard_limit_percent') === false) {
    die('skip in this PHP a memory limit ends a request at once');
}
?>
--ENV--
USE_ZEND_ALLOC=0
USE_TRACKED_ALLOC=1
--INI--
cache.enable_cli=1
cache.segment=test-queue-memory-limit-in-wait${CACHE_TEST_RUN}
--FILE--
<?php
register_shutdown_function(function () use (&$began) {
    ini_set('memory_limit', '-1');
    var_dump(hrtime(true) - $began < 30e9);
});
require __DIR__ . '/../segment.inc';

cache_queue_pop('jobs');
$ballast = str_repeat('b', 4_000_000);
// Names that are integers are converted: the next small allocations exceed the limit. PHP counts exactly with the tracked allocator.
$names = range(1000, 1060);
$began = hrtime(true);
ini_set('memory_limit', (string) (memory_get_usage() + 1000));
cache_queue_pop($names, 60);
echo "it went on\n";
?>
--EXPECTF--
Fatal error: Allowed memory size of %d bytes exhausted (tried to allocate %d bytes) in %s on line %d
bool(true)
