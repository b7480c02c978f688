--TEST--
What processes do to a value under a lock for writing is done one after the other
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-exclusion${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

const PROCESSES = 4, ROUNDS = 200;
cache_store('number', 0);
$children = [];
for ($i = 0; $i < PROCESSES; $i++) {
    $children[] = new Relative(static function (Line $line): void {
        $line->wait();
        for ($round = 0; $round < ROUNDS; $round++) {
            cache_lock_for_write('number', 30.0) || exit(1);
            $number = cache_fetch('number');
            $round % 20 === 0 && usleep(100);
            cache_store('number', $number + 1);
            cache_lock_release('number') || exit(2);
        }
    });
}
foreach ($children as $child) {
    $child->release();
}
foreach ($children as $child) {
    echo $child->wait();
}
var_dump(cache_fetch('number'), cache_info(true)['named_locks_acquired'], cache_info(true)['named_locks_recovered']);
?>
--EXPECT--
int(800)
int(800)
int(0)
