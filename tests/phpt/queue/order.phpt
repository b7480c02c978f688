--TEST--
Higher priorities come first, and the older ones within one
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-order${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$priorities = ['a' => 0, 'b' => 1, 'c' => 0, 'd' => -1, 'e' => 2147483647, 'f' => 1, 'g' => -2147483648, 'h' => 0];
foreach ($priorities as $key => $priority) {
    cache_queue_push('q', $key, null, 0, $priority);
}
echo drain('q'), "\n";
/* Many, in the order in which they came. */
mt_srand(5);
$expected = [];
for ($i = 0; $i < 500; $i++) {
    $expected[$priority = mt_rand(-3, 3)][] = "k$i";
    cache_queue_push('q', "k$i", priority: $priority);
}
krsort($expected);
var_dump(drain('q') === implode(' ', array_merge(...$expected)));
?>
--EXPECT--
e b f a c h d g
bool(true)
