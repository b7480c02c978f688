--TEST--
What is in range by a hair is taken
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-limits${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$name = str_repeat("\0", 255);
var_dump(cache_queue_push($name, str_repeat('k', 65535), null, 1e-300, 2147483647), cache_queue_push($name, 'k', null, 1e300, -2147483648));
var_dump(strlen(cache_queue_pop(array_fill(0, 64, $name), 1e-300, 1e-300)['key'] ?? ''), strlen(cache_queue_pop(array_fill(0, 64, $name), 30, 1e300)['queue']));
var_dump(cache_queue_dead($name, 1), cache_queue_info($name)['delayed'], cache_queue_purge($name));
?>
--EXPECT--
int(1)
int(1)
int(65535)
int(255)
array(0) {
}
int(1)
int(1)
