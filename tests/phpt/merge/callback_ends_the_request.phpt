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
    echo strtok(str_replace('PHP ', '', ltrim(runPhp("cache_merge('key', function () { $end }); echo 'not reached';", ['log_errors' => '0']))), '('), "\n";
    var_dump(cache_fetch('key'));
    echo preg_match('/^leased, .*(exits|Allowed memory|undefined)/s', runPhp(sprintf($under_the_lease, $end), ['log_errors' => '0'])), "\n";
    var_dump(cache_fetch('key'), cache_key_info('key')['lease'], cache_merge('key', fn() => 'merged', wait: 0));
}
?>
--EXPECT--
exits
string(5) "value"
1
string(5) "try 6"
NULL
bool(true)
Fatal error: Allowed memory size of 4194304 bytes exhausted 
string(5) "value"
1
string(5) "try 6"
NULL
bool(true)
Fatal error: Uncaught Error: Call to undefined function undefined
string(5) "value"
1
string(5) "try 6"
NULL
bool(true)
