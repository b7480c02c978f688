--TEST--
An entry with an object of a class whose properties changed since counts as missing
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-objects-class-changed${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../process.inc';

$classes = [
    'the same' => 'public int $a = 5; protected ?string $b = null; private array $c = []; function f() {}',
    'another default, method, constant' => 'const X = 1; public int $a = 7; protected ?string $b = "x"; private array $c = []; function g() {}',
    'another order' => 'protected ?string $b = null; public int $a = 5; private array $c = [];',
    'another name' => 'public int $z = 5; protected ?string $b = null; private array $c = [];',
    'another type' => 'public float $a = 5; protected ?string $b = null; private array $c = [];',
    'not nullable' => 'public int $a = 5; protected string $b = ""; private array $c = [];',
    'a union' => 'public int|bool $a = 5; protected ?string $b = null; private array $c = [];',
    'another visibility' => 'protected int $a = 5; protected ?string $b = null; private array $c = [];',
    'readonly' => 'public readonly int $a; protected ?string $b = null; private array $c = [];',
    'one less' => 'public int $a = 5; protected ?string $b = null;',
    'one more' => 'public int $a = 5; protected ?string $b = null; private array $c = []; public $d;',
    'a hook' => 'public int $a = 5; protected ?string $b = null; private array $c = []; function __wakeup() {}',
    'static' => 'public int $a = 5; protected ?string $b = null; private array $c = []; static $d;',
];
echo runPhp('class Thing { ' . reset($classes) . ' } var_dump(cache_store("key", [1, new Thing]));');
foreach ($classes as $name => $body) {
    echo "$name: ", runPhp("class Thing { $body } " . '$found = cache_fetch("key", $success); echo json_encode([$success, $found ? get_class($found[1]) : $found]);', ['error_log' => '/dev/null']), "\n";
}
echo runPhp('interface Thing {} var_dump(cache_fetch("key"));', ['error_log' => '/dev/null']);
echo runPhp('enum Thing { case A; } var_dump(cache_fetch("key"));', ['error_log' => '/dev/null']);
echo runPhp('abstract class Thing { ' . reset($classes) . ' } var_dump(cache_fetch("key"));', ['error_log' => '/dev/null']);
?>
--EXPECT--
bool(true)
the same: [true,"Thing"]
another default, method, constant: [true,"Thing"]
another order: [false,false]
another name: [false,false]
another type: [false,false]
not nullable: [false,false]
a union: [false,false]
another visibility: [false,false]
readonly: [false,false]
one less: [false,false]
one more: [false,false]
a hook: [false,false]
static: [true,"Thing"]
bool(false)
bool(false)
bool(false)
