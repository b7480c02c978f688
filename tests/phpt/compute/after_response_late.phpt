--TEST--
What shutdown functions, destructors and rebuilds compute
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
cache.segment=test-compute-after-response-late${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../fpm.inc';
require __DIR__ . '/../gate.inc';

$fpm = new Fpm(['cache.segment' => ini_get('cache.segment')], 1);
foreach ($keys = ['shutdown', 'outer', 'inner', 'destructor'] as $key) {
    cache_store($key, 'old', 0, 60);
    cache_mark_stale($key);
}
echo $fpm->run(<<<'PHP'
    class Destroyed
    {
        public function __destruct() { cache_store('destructor saw', cache_compute('destructor', fn() => 'new')); }
    }
    register_shutdown_function(function () { echo cache_compute('shutdown', fn() => 'new'), "\n"; });
    echo cache_compute('outer', fn() => 'new, with ' . cache_compute('inner', fn() => 'new')), "\n";
    $object = new Destroyed;
    PHP);
$fpm->run('');
foreach ([...$keys, 'destructor saw'] as $key) {
    echo "$key: ", cache_fetch($key), "\n";
}
?>
--EXPECT--
old
old
shutdown: new
outer: new, with new
inner: new
destructor: new
destructor saw: new
