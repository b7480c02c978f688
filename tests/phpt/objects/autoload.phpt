--TEST--
The class of a fetched object is autoloaded, once; the autoloader may use the cache, and throw
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-objects-autoload${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../process.inc';

echo runPhp('class Loaded { public $a = [1]; } var_dump(cache_store("key", [new Loaded, new Loaded, "text" => str_repeat("x", 1000)]));');
spl_autoload_register(function (string $class): void {
    echo "loading $class\n";
    if ($GLOBALS['throw']) {
        throw new RuntimeException("no $class");
    }
    cache_store('key', 'replaced');
    cache_store('other', array_fill(0, 1000, 'other'));
    cache_clear();
    eval("class $class { public \$a = [1]; }");
});
$throw = true;
try {
    cache_fetch('key');
} catch (RuntimeException $e) {
    echo get_class($e), ': ', $e->getMessage(), "\n";
}
$throw = false;
$fetched = cache_fetch('key', $success);
var_dump($success, count($fetched), $fetched[0]->a, strlen($fetched['text']), cache_exists('key'));
?>
--EXPECT--
bool(true)
loading Loaded
RuntimeException: no Loaded
loading Loaded
bool(true)
int(3)
array(1) {
  [0]=>
  int(1)
}
int(1000)
bool(false)
