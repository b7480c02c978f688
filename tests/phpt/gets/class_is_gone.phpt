--TEST--
An object whose class is gone has a token, by which it can be replaced
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-gets-class-is-gone${CACHE_TEST_RUN}
error_log=/dev/null
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

echo runPhp('class Gone { public $a = 1; } var_dump(cache_store(["native" => new Gone, "list" => [new Gone]]));
    class Serialized { public $a = 1; function __sleep() { return ["a"]; } } var_dump(cache_store("serialized", new Serialized));');
set_error_handler(fn() => true);
foreach (['native', 'list'] as $key) {
    var_dump(cache_exists($key), cache_gets($key, $token), $token > 0, cache_gets([$key], $tokens), $tokens === [$key => $token]);
    var_dump(cache_cas_store($key, 0, 'new'), cache_cas_store($key, $token, 'new'), cache_fetch($key));
}
var_dump(get_debug_type(cache_gets('serialized', $token)), $token > 0);
?>
--EXPECT--
array(0) {
}
bool(true)
bool(true)
bool(false)
bool(true)
array(0) {
}
bool(true)
bool(false)
bool(true)
string(3) "new"
bool(true)
bool(false)
bool(true)
array(0) {
}
bool(true)
bool(false)
bool(true)
string(3) "new"
string(22) "__PHP_Incomplete_Class"
bool(true)
