--TEST--
An exit or a fatal error in a rebuild ends it and gives the leases of all back
--EXTENSIONS--
cache
--SKIPIF--
<?php
require __DIR__ . '/../fpm.inc';
if (!fpmBinary()) {
    die('skip needs a php-fpm of this version');
}
?>
--INI--
cache.enable_cli=1
cache.segment=test-compute-after-response-ends${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../fpm.inc';
require __DIR__ . '/../gate.inc';

$fpm = new Fpm(['cache.segment' => ini_get('cache.segment'), 'error_log' => '/dev/null', 'memory_limit' => '16M'], 1);
foreach (['exit;', 'exit("message");', 'undefined();', 'trigger_error("end", E_USER_ERROR);', 'str_repeat("x", 100000000);', '(function () { try { exit; } finally { cache_fetch("key"); } })();'] as $end) {
    foreach (['first', 'second'] as $key) {
        cache_store($key, 'old', 0, 60);
        cache_mark_stale($key);
    }
    echo $fpm->run('foreach (["first", "second"] as $key) { echo cache_compute($key, function () { ' . $end . ' return "new"; }), " "; }');
    echo $fpm->run('foreach (["first", "second"] as $key) { cache_fetch_stale($key, $state, $lease, 5); echo $state === CACHE_STATE_FRESH ? "fresh " : ($lease > 0 ? "lease " : "none "); }'), "\n";
}
?>
--EXPECT--
old old lease lease 
old old lease lease 
old old lease lease 
old old lease lease 
old old lease lease 
old old lease lease 
