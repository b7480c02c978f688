--TEST--
exit() inside of a fetch releases what was pinned
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-reentry-exit-in-wakeup${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

class Leaving
{
    public function __wakeup(): void {}
}
cache_store('key', new Leaving);
echo runPhp('class Leaving { public function __wakeup(): void { register_shutdown_function(function () {
    var_dump(cache_store("after", 1), cache_fetch("after")); }); exit("leaving\n"); } } cache_fetch("key"); echo "not reached";');
var_dump(cache_info(true)['memory']['pinned'], cache_fetch('after'), cache_info(true)['segment']['processes']);
?>
--EXPECT--
leaving
bool(true)
int(1)
int(0)
int(1)
int(1)
