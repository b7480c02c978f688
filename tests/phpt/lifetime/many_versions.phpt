--TEST--
Every version of a key that was fetched stays as it was
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lifetime-many-versions${CACHE_TEST_RUN}
cache.size=4M
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/lifetime.inc';

$versions = [];
for ($seed = 1; $seed <= 12; $seed++) {
    $versions[$seed] = fetchOriginals($seed);
}
reuse();
foreach ($versions as $seed => $fetched) {
    echo $seed, ': ', verdict($fetched, $seed), "\n";
}
/* Versions that nobody looks at any longer must not keep the next ones from being stored. */
for ($seed = 1; $seed <= 500; $seed++) {
    store('key', $original = "version $seed " . str_repeat('x', 3000));
    if (cache_fetch('key') !== $original) {
        echo "version $seed is wrong\n";
    }
}
?>
--EXPECT--
1: right
2: right
3: right
4: right
5: right
6: right
7: right
8: right
9: right
10: right
11: right
12: right
