--TEST--
In a worker an aging value is rebuilt after the response, a missing one before it
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
cache.segment=test-compute-after-response-aging${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../fpm.inc';
require __DIR__ . '/../gate.inc';

$fpm = new Fpm(['cache.segment' => ini_get('cache.segment')], 1);
$code = 'echo cache_compute("key", fn($key, $old) => json_encode($old) . "+", ttl: 100, refresh_ahead: %s), "\n";';
echo $fpm->run(sprintf($code, '0'));
echo $fpm->run(sprintf($code, '10'));
echo $fpm->run(sprintf($code, '-0.9'));
usleep(2000); // it ages after one millisecond
echo 'aging: ', $fpm->run(sprintf($code, '99.999'));
echo 'again: ', $fpm->run(sprintf($code, '0'));
?>
--EXPECT--
null+
null+
null+
aging: null+
again: "null+"+
