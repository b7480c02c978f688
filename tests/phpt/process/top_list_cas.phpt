--TEST--
Of a sorted list that processes insert into by cache_gets() and cache_cas_store() nothing is lost
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-process-top-list-cas${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/top_list.inc';

var_dump(insertByFour(function (int $score): void {
    do {
        $list = cache_gets('list', $token);
    } while (!cache_cas_store('list', $token, insertScore($list ?: [], $score)));
}, 2000));
var_dump(cache_info(true)['stores']);
?>
--EXPECT--
bool(true)
int(8000)
