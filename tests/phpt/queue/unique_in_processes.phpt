--TEST--
Of many processes that push one key exactly one queues it
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-queue-unique-in-processes${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$children = [];
for ($i = 0; $i < 8; $i++) {
    $children[] = new Relative(static function (Line $line): void {
        $line->wait();
        for ($n = 0; $n < 200; $n++) {
            $results[] = cache_queue_push('q', "key $n");
        }
        $line->say(json_encode($results));
    });
}
array_map(fn(Relative $child) => $child->let(), $children);
$sums = array_fill(0, 200, 0);
foreach ($children as $child) {
    foreach (json_decode($child->hear()) as $n => $result) {
        $sums[$n] += $result;
    }
    echo $child->wait();
}
var_dump(array_unique($sums), info('q', 'waiting', 'pushed', 'merged'));
?>
--EXPECT--
array(1) {
  [0]=>
  int(1)
}
string(42) "{"waiting":200,"pushed":200,"merged":1400}"
