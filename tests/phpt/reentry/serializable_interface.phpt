--TEST--
A fetch inside of Serializable::unserialize() counts its own back references
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-reentry-serializable-interface${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

error_reporting(E_ALL & ~E_DEPRECATED);
$inner = new stdClass;
$inner->n = 5;
cache_store('inner', [[1], 'a' => $inner, 'b' => $inner]);
eval('class Old implements Serializable {
    public $value;
    public function serialize() { return serialize([1, 2]); }
    public function unserialize($data) { $this->value = cache_fetch("inner"); unserialize($data); }
}');
$copy = unserialize(serialize([new Old, 'x' => $inner, 'y' => $inner]));
var_dump($copy[0]->value['a'] === $copy[0]->value['b'], $copy[0]->value['a']->n, $copy['x'] === $copy['y'], $copy['x']->n);
cache_store('old', [new Old, 'x' => $inner, 'y' => $inner]);
$copy = cache_fetch('old');
var_dump($copy[0]->value['a'] === $copy[0]->value['b'], $copy['x'] === $copy['y'], $copy['x']->n);
?>
--EXPECT--
bool(true)
int(5)
bool(true)
int(5)
bool(true)
bool(true)
int(5)
