--TEST--
Of a sorted list that processes insert into by cache_fetch() and cache_store() something is lost: what the others are for
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-process-top-list-fetch-and-store${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/top_list.inc';

for ($round = 0, $lost = false; $round < 50 && !$lost; $round++) {
    cache_delete('list');
    $lost = !insertByFour(function (int $score): void {
        cache_store('list', insertScore(cache_fetch('list') ?: [], $score));
    }, 2000);
}
var_dump($lost);
?>
--EXPECT--
bool(true)
