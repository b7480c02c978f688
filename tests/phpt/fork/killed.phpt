--TEST--
What killed children and killed parents held is free for others afterwards
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-fork-killed${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/family.inc';

/* The test itself fetches nothing: what is held is held by others. */
for ($round = 0; $round < 10; $round++) {
    $parent = new Relative(function (Line $line) use ($round) {
        $values = fetchOriginals($round);
        $child = new Relative(function (Line $line) use ($values, $round) {
            $line->say(verdict($values, $round));
            for (;;) {
                fetchOriginals($round);
                usleep(100);
            }
        });
        $line->say($child->hear());
        usleep(random_int(0, 5000));
        $child->kill();
        reuse();
        $line->say(verdict($values, $round));
        for (;;) {
            fetchOriginals($round);
            usleep(100);
        }
    });
    if ([$parent->hear(), $parent->hear()] !== ['right', 'right']) {
        echo "round $round is wrong\n";
    }
    usleep(random_int(0, 5000));
    $parent->kill();
    reuse();
}
var_dump(cache_info(true)['segment']['processes'], cache_info(true)['memory']['pinned']);
/* Their memory is used again; in quarantine, when it is needed. */
for ($i = 0; $i < 1000; $i++) {
    store('key ' . $i % 100, str_repeat('x', 12000));
}
var_dump(ini_get('cache.quarantine') || cache_info(true)['memory']['retired'] < 100000);
?>
--EXPECT--
int(1)
int(0)
bool(true)
