--TEST--
A callback that exits or runs into a fatal error leaves nothing behind
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-merge-callback-ends-the-request${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

$in_its_turn = '$tries = 0; cache_merge("key", function () use (&$tries) {
    if (++$tries <= 6) { cache_store("key", "try $tries"); return "never stored"; }
    %s
    return "never stored";
}); echo "not reached";';
foreach (['exit("exits");', 'ini_set("memory_limit", "4M"); str_repeat("x", 100 << 20);', 'undefined();'] as $end) {
    cache_store('key', 'value');
    $output = runPhp("cache_merge('key', function () { $end }); echo 'not reached';");
    var_dump(preg_match('/exits|emory .*exhausted|undefined function/', $output), str_contains($output, 'not reached'), cache_fetch('key'));
    $output = runPhp(sprintf($in_its_turn, $end));
    var_dump(preg_match('/exits|emory .*exhausted|undefined function/', $output), str_contains($output, 'not reached'));
    // A turn that was left would have to be waited for.
    $begin = hrtime(true);
    var_dump(cache_fetch('key'), cache_merge('key', fn() => 'merged', wait: 60), (hrtime(true) - $begin) / 1e9 < 40);
}
?>
--EXPECT--
int(1)
bool(false)
string(5) "value"
int(1)
bool(false)
string(5) "try 6"
bool(true)
bool(true)
int(1)
bool(false)
string(5) "value"
int(1)
bool(false)
string(5) "try 6"
bool(true)
bool(true)
int(1)
bool(false)
string(5) "value"
int(1)
bool(false)
string(5) "try 6"
bool(true)
bool(true)
