--TEST--
Output of a rebuild after the response goes nowhere, and does not end it
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
cache.segment=test-compute-after-response-output${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../fpm.inc';
require __DIR__ . '/../gate.inc';

$fpm = new Fpm(['cache.segment' => ini_get('cache.segment'), 'display_errors' => '1'], 1);
foreach (['one', 'two'] as $key) {
    cache_store($key, 'old', 0, 60);
    cache_mark_stale($key);
}
echo $fpm->run(<<<'PHP'
    ob_start();
    foreach (['one', 'two'] as $key) {
        echo cache_compute($key, function () {
            for ($i = 0; $i < 100; $i++) {
                echo str_repeat('output ', 1000);
                flush();
            }
            header('X-Late: 1');
            echo $undefined;
            return 'new';
        }), "\n";
    }
    PHP);
echo $fpm->run('echo cache_fetch("one"), " ", cache_fetch("two"), "\n";');
?>
--EXPECT--
old
old
new new
