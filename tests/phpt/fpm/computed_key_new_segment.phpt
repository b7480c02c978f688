--TEST--
A worker that goes over to a new segment has forgotten the hashes of its keys
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
cache.segment=test-fpm-computed-key-new-segment${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../fpm.inc';
require __DIR__ . '/../process.inc';

$fpm = new Fpm(['cache.segment' => ini_get('cache.segment')], 1);
$code = 'for ($i = 0; $i < 20; $i++) { cache_store("a computed key $i", REQUEST); } cache_store("a literal key", REQUEST);
    echo getmypid(), " ", cache_info(true)["segment"]["created"];';
[$worker, $created] = explode(' ', $fpm->run(str_replace('REQUEST', '1', $code)));
unlink(cache_info(true)['segment']['path']);
/* It looks once a second whether its segment is the one that has the name. */
$end = microtime(true) + 20;
do {
    usleep(100000);
    [$pid, $now] = explode(' ', $fpm->run(str_replace('REQUEST', '2', $code)));
} while ($now === $created && microtime(true) < $end);
var_dump($pid === $worker, $now !== $created);
echo runPhp('$wrong = 0; for ($i = 0; $i < 20; $i++) { $wrong += cache_fetch("a computed key $i") !== 2; }
    var_dump($wrong, cache_fetch("a literal key")); unlink(cache_info(true)["segment"]["path"]);');
?>
--EXPECT--
bool(true)
bool(true)
int(0)
int(2)
