--TEST--
Of a sorted list that processes insert into by cache_merge() nothing is lost
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-process-top-list-merge${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/top_list.inc';

var_dump(insertByFour(function (int $score): void {
    cache_merge('list', fn(?array $list) => insertScore($list ?? [], $score), wait: INF) || print("given up\n");
}, 2000));
var_dump(cache_info(true)['stores']);
?>
--EXPECT--
bool(true)
int(8000)
