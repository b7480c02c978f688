--TEST--
Constants, class aliases and what eval() declares keep their fetched names and values
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lifetime-constants${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/lifetime.inc';

class Original
{
    public static $value = 'of the original';
}

foreach (originals() as $key => $value) {
    define(fetched('CONSTANT_' . strtoupper(strtr($key, ' ', '_'))), fetched($value));
}
define(fetched('Name\Space\CONSTANT'), fetched('in a name space'));
class_alias(fetched('Original'), fetched('Name\Space\Alias'));
eval(fetched('/** A comment of some length. */ class Evaluated { const C = "constant of some length"; public $p = ["key of some length" => 1];'
    . ' public function methodOfSomeLength(string $parameterOfSomeLength = "default of some length") { return $parameterOfSomeLength; } }'));
eval(fetched('function evaluatedFunction() { static $s = "static of some length"; return $s; }'));
eval(fetched('enum EvaluatedEnum: string { case First = "value of some length"; }'));
$check = function (): void {
    reuse();
    $constants = [];
    foreach (originals() as $key => $value) {
        $constants[$key] = constant('CONSTANT_' . strtoupper(strtr($key, ' ', '_')));
    }
    echo verdict($constants), "\n", \Name\Space\CONSTANT, "\n", Name\Space\Alias::$value, "\n";
    echo implode(', ', [
        Evaluated::C, key((new Evaluated)->p), (new Evaluated)->methodOfSomeLength(), evaluatedFunction(),
        EvaluatedEnum::from('value of some length')->name, (new ReflectionClass('Evaluated'))->getDocComment(),
        (new ReflectionMethod('Evaluated', 'methodOfSomeLength'))->getParameters()[0]->getName(),
    ]), "\n";
};
$check();
register_shutdown_function($check);
?>
--EXPECT--
right
in a name space
of the original
constant of some length, key of some length, default of some length, static of some length, First, /** A comment of some length. */, parameterOfSomeLength
right
in a name space
of the original
constant of some length, key of some length, default of some length, static of some length, First, /** A comment of some length. */, parameterOfSomeLength
