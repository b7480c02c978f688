--TEST--
An autoloader may use the cache inside of a fetch
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-reentry-autoload${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

echo runPhp('class Lazy { public $n = 1; } cache_store("object", [new Lazy, new Lazy]);
    cache_store("source", "class Lazy { public \$n; }");');
spl_autoload_register(function (string $class) {
    echo "loading $class\n";
    eval(cache_fetch('source'));
    cache_store('loaded', $class);
});
$fetched = cache_fetch('object');
var_dump(get_class($fetched[1]), $fetched[0]->n, cache_fetch('loaded'));
?>
--EXPECT--
loading Lazy
string(4) "Lazy"
int(1)
string(4) "Lazy"
