--TEST--
exit() and fatal errors in a callback: the next one who asks makes the value at once
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-compute-ends-in-callback${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../process.inc';

$ends = ['exit("");', 'exit(1);', 'throw new Exception;', 'undefined();', 'trigger_error("end", E_USER_ERROR);', 'str_repeat("x", 1 << 40);', 'cache_compute("inner", function () { exit; });'];
$start = hrtime(true);
/* Who waited for one of them would wait for an hour. Valgrind, which PHP is told of by that, is slow without. */
$limit = getenv('USE_ZEND_ALLOC') === '0' ? 1800e9 : 40e9;
foreach (['missing', 'stale'] as $kind) {
    foreach ($ends as $number => $end) {
        $key = "$kind $number";
        if ($kind === 'stale') {
            cache_store($key, 'old', 0, 3600);
            cache_mark_stale($key);
        }
        echo runPhp('ini_set("display_errors", 0); ini_set("error_log", "/dev/null"); cache_compute(' . var_export($key, true) . ', function () { ' . $end . ' }, lease_ttl: 3600);');
        echo cache_compute($key, fn() => 'made', wait: 3600), ' ';
    }
}
var_dump(hrtime(true) - $start < $limit, cache_lease('inner') > 0);
?>
--EXPECT--
made made made made made made made made made made made made made made bool(true)
bool(true)
