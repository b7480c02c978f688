--TEST--
Programs that are started while values are held leave nothing behind in the segment
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-fork-other-programs${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/family.inc';

$values = fetchOriginals();
for ($i = 0; $i < 60; $i++) {
    proc_close(proc_open(['true'], [], $pipes));
    shell_exec('true');
    if ($i % 20 === 0) {
        reuse();
        $values["more $i"] = fetchOriginals($i);
    }
}
$long = proc_open(['sleep', '20'], [], $pipes);
/* Until it has become another program, it is a copy of this process. */
for ($i = 0; $i < 500 && cache_info(true)['segment']['processes'] > 1; $i++) {
    usleep(10000);
}
var_dump(cache_info(true)['segment']['processes'], proc_get_status($long)['running'], verdict($values));
proc_terminate($long);
?>
--EXPECT--
int(1)
bool(true)
string(5) "right"
