--TEST--
A change of a parent class, or of the class of a typed property, is noticed
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-objects-parent-changed${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../process.inc';

$store = 'class Base { private $secret = 1; protected Other|null $o = null; } class Other {} class Child extends Base { public $own = 2; }';
echo runPhp($store . 'var_dump(cache_store("key", new Child));');
foreach ([
    $store,
    'class Base { private $secret = 1; private $more; protected Other|null $o = null; } class Other {} class Child extends Base { public $own = 2; }',
    'class Base { private $secret = 1; protected Another|null $o = null; } class Child extends Base { public $own = 2; }',
    'class Child { private $secret = 1; protected Other|null $o = null; public $own = 2; }',
] as $classes) {
    echo runPhp($classes . 'var_dump(is_object(cache_fetch("key")));', ['error_log' => '/dev/null']);
}
?>
--EXPECT--
bool(true)
bool(true)
bool(false)
bool(false)
bool(false)
