--TEST--
Typed, readonly, uninitialized and unset properties; private ones of a parent; numeric and NUL names
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-objects-properties${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Base { private $p = 'base'; private int $u; function base() { return [$this->p, isset($this->u)]; } }
class Thing extends Base
{
    private $p = 'child';
    public int|string|null $union = null;
    public readonly array $once;
    public readonly int $never;
    public float $float = 1.5;
    public ?self $self = null;
    public $gone = 1;
    public $ref = 1;
    function child() { return $this->p; }
    function init() { $this->once = ['a' => [1, 2]]; return $this; }
}
$thing = (new Thing)->init();
$thing->self = $thing;
unset($thing->gone);
$local = &$thing->ref;
unset($local);
cache_store('key', $thing);
$fetched = cache_fetch('key');
var_dump($fetched->base(), $fetched->child(), $fetched->once, $fetched->self === $fetched, property_exists($fetched, 'gone'), isset($fetched->gone));
foreach ([fn () => $fetched->once = [], fn () => $fetched->float = 'x', fn () => $fetched->never, fn () => $fetched->once['a'][] = 3, fn () => $fetched->gone] as $do) {
    try {
        var_dump($do());
    } catch (Error $e) {
        echo $e->getMessage(), "\n";
    }
}
$fetched->union = 'text';
$fetched->gone = 'back';
var_dump(cache_fetch('key')->union);
$std = (object) ['0' => 'zero', 'a' => [1], '' => 'empty'];
cache_store('std', $std);
$fetched = cache_fetch('std');
var_dump($fetched == $std, $fetched->{'0'}, (array) $fetched === (array) $std);
$fetched->a[] = 2;
$fetched->{'0'} = 'changed';
unset($fetched->{''});
$fetched->new = 'new';
var_dump(cache_fetch('std') == $std, json_encode($fetched));
?>
--EXPECTF--
array(2) {
  [0]=>
  string(4) "base"
  [1]=>
  bool(false)
}
string(5) "child"
array(1) {
  ["a"]=>
  array(2) {
    [0]=>
    int(1)
    [1]=>
    int(2)
  }
}
bool(true)
bool(true)
bool(false)
Cannot modify readonly property Thing::$once
Cannot assign string to property Thing::$float of type float
Typed property Thing::$never must not be accessed before initialization
Cannot %Smodify readonly property Thing::$once

Warning: Undefined property: Thing::$gone in %s on line %d
NULL
NULL
bool(true)
string(4) "zero"
bool(true)
bool(true)
string(37) "{"0":"changed","a":[1,2],"new":"new"}"
