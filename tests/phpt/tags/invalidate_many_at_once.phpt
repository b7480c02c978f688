--TEST--
Tags are counted once each, however many are given
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-tags-invalidate-many-at-once${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

for ($i = 0; $i < 100; $i++) {
    cache_store("key $i", $i, 600, 600, ["tag $i", 'of ' . $i % 10]);
}
$tags = array_map(fn($i) => "tag $i", range(0, 39));
var_dump(cache_tag_invalidate(array_slice($tags, 0, 16)), cache_tag_invalidate([...array_slice($tags, 0, 16), 'tag 0']), cache_tag_invalidate([...$tags, ...$tags, 'tag 0', ...array_reverse($tags)]));
$left = array_filter(range(0, 99), fn($i) => cache_exists("key $i"));
var_dump(array_values($left) === range(40, 99));
$tag = 'of 5';
var_dump(cache_tag_invalidate([&$tag, 'of 6', 'x' => 'of 5'], true), cache_tag_invalidate([]), cache_exists('key 55'), cache_key_info('key 66'), cache_exists('key 77'), cache_info(true)['tag_invalidations']);
?>
--EXPECT--
int(16)
int(16)
int(40)
bool(true)
int(2)
int(0)
bool(false)
NULL
bool(true)
int(74)
