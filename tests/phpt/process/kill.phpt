--TEST--
kill -9 of a process in the middle of its operations harms nobody
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-process-kill${CACHE_TEST_RUN}
cache.zero_copy=off
--FILE--
<?php
require __DIR__ . '/../segment.inc';

for ($round = 0; $round < 20; $round++) {
    if (!$pid = pcntl_fork()) {
        for ($n = 0; ; $n++) {
            cache_store('key ' . $n % 50, str_repeat('x', $n % 5000));
            cache_fetch('key ' . ($n + 7) % 50);
            cache_inc('counter');
            cache_delete('key ' . ($n + 20) % 50);
        }
    }
    usleep(random_int(500, 20000));
    shell_exec("kill -KILL $pid");
    pcntl_waitpid($pid, $status);
    for ($n = 0; $n < 50; $n++) {
        $value = cache_fetch("key $n", $success);
        if ($success && $value !== 'mine' && $value !== str_repeat('x', strlen($value))) {
            echo "key $n is damaged\n";
        }
        if (!cache_store("key $n", 'mine') || cache_fetch("key $n") !== 'mine') {
            echo "key $n cannot be stored\n";
        }
    }
}
var_dump(cache_inc('counter') > 0, cache_info(true)['segment']['processes'], cache_info(true)['memory']['pinned']);
?>
--EXPECT--
bool(true)
int(1)
int(0)
