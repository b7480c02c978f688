--TEST--
A child that is forked after the segment's file was removed goes on in it, beside its parent
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-fork-removed-file${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$rows = range(1, 1000);
cache_store('rows', $rows);
cache_store('key', 'from the parent');
$held = cache_fetch('rows');
unlink(cache_info(true)['segment']['path']);

/* With and without values that are read where they lie. */
foreach ([true, false] as $holds) {
    $pid = pcntl_fork();
    if ($pid === 0) {
        var_dump(cache_enabled(), cache_fetch('key'), $held === $rows || !$holds);
        var_dump(cache_store('key', 'from the child'), cache_delete('rows'), cache_info()['enabled']);
        exit(0);
    }
    pcntl_waitpid($pid, $status);
    var_dump(pcntl_wexitstatus($status), cache_fetch('key'), cache_exists('rows'));
    var_dump($held === $rows);
    cache_store('key', 'from the parent');
    cache_store('rows', $rows);
    $held = $rows;
}
?>
--EXPECT--
bool(true)
string(15) "from the parent"
bool(true)
bool(true)
bool(true)
bool(true)
int(0)
string(14) "from the child"
bool(false)
bool(true)
bool(true)
string(15) "from the parent"
bool(true)
bool(true)
bool(true)
bool(true)
int(0)
string(14) "from the child"
bool(false)
bool(true)
