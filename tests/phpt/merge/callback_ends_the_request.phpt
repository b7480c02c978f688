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

$under_the_lease = '$tries = 0; cache_merge("key", function () use (&$tries) {
    if (++$tries <= 6) { cache_store("key", "try $tries"); return "never stored"; }
    echo cache_key_info("key")["lease"] ? "leased, " : "not leased, ";
    %s
    return "never stored";
}); echo "not reached";';
foreach (['exit("exits");', 'ini_set("memory_limit", "4M"); str_repeat("x", 100 << 20);', 'undefined();'] as $end) {
    cache_store('key', 'value');
    $output = runPhp("cache_merge('key', function () { $end }); echo 'not reached';");
    var_dump(preg_match('/exits|emory .*exhausted|undefined function/', $output), str_contains($output, 'not reached'), cache_fetch('key'));
    $output = runPhp(sprintf($under_the_lease, $end));
    var_dump(preg_match('/^leased, .*(exits|emory .*exhausted|undefined function)/s', $output), str_contains($output, 'not reached'));
    var_dump(cache_fetch('key'), cache_key_info('key')['lease'], cache_merge('key', fn() => 'merged', wait: 0));
}
?>
--EXPECT--
int(1)
bool(false)
string(5) "value"
int(1)
bool(false)
string(5) "try 6"
NULL
bool(true)
int(1)
bool(false)
string(5) "value"
int(1)
bool(false)
string(5) "try 6"
NULL
bool(true)
int(1)
bool(false)
string(5) "value"
int(1)
bool(false)
string(5) "try 6"
NULL
bool(true)
