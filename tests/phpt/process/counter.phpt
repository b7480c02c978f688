--TEST--
Increments of many processes are all counted
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-process-counter${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$children = [];
for ($i = 0; $i < 4; $i++) {
    if (!$children[] = pcntl_fork()) {
        for ($n = 0; $n < 5000; $n++) {
            cache_inc('up');
            cache_dec('down', 2);
            do {
                $old = cache_fetch('cas') ?: 0;
                $old || cache_add('cas', 0);
            } while (!cache_cas('cas', $old, $old + 1));
        }
        exit(0);
    }
}
array_map(fn($pid) => pcntl_waitpid($pid, $status), $children);
var_dump(cache_fetch('up'), cache_fetch('down'), cache_fetch('cas'));
?>
--EXPECT--
int(20000)
int(-40000)
int(20000)
