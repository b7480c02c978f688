--TEST--
What was invalidated is never fresh again, also when there are more tags than the cache remembers
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-tags-more-than-remembered${CACHE_TEST_RUN}
cache.size=1M
--FILE--
<?php
require __DIR__ . '/../segment.inc';

const TAGS = 20000;
for ($i = 0; $i < 500; $i++) {
    cache_store("key $i", $i, 0, INF, ["tag $i"]);
}
$there = array_filter(range(0, 499), fn($i) => cache_exists("key $i"));
var_dump(count($there) > 100);
foreach (array_chunk(range(0, 249), 50) as $chunk) {
    cache_tag_invalidate(array_map(fn($i) => "tag $i", $chunk));
}
$wrong = 0;
for ($i = 0; $i < TAGS; $i++) {
    cache_tag_invalidate("another $i");
    if ($i % 1000 === 0) {
        for ($key = 0; $key < 250; $key++) {
            $wrong += cache_exists("key $key");
        }
    }
}
var_dump($wrong, cache_info(true)['tags_forgotten'] > 0, count(array_filter(range(0, 249), fn($i) => cache_exists("key $i"))));
// What is stored by now is valid, and a stamp from before is not.
cache_store('new', 1, 600, 600, ['tag 0', 'another 5']);
cache_store('late', 1, 600, 600, ['another 5'], (int) (microtime(true) * 1e6) - 60_000_000);
var_dump(cache_fetch('new'), cache_fetch('late'));
?>
--EXPECT--
bool(true)
int(0)
bool(true)
int(0)
int(1)
bool(false)
