--TEST--
What has hooks, dynamic properties or real references goes through the serializer
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-objects-generic${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

#[AllowDynamicProperties] class Dynamic { public $a = 1; }
class Sleeping { public $a = 1, $b = 2; function __sleep() { return ['a']; } }
class Magic { public $a = 1; function __serialize(): array { return ['x' => $this->a]; } function __unserialize(array $d): void { $this->a = $d['x'] + 1; } }
class Plain { public $a = 1, $b; }
$dynamic = new Dynamic;
$dynamic->more = 'dynamic';
$reference = new Plain;
$reference->b = &$reference->a;
$error = new Exception('message', 3);
foreach ([$dynamic, new Sleeping, new Magic, $reference, [new Plain, $dynamic]] as $value) {
    cache_store('key', $value);
    var_dump(cache_fetch('key'));
}
cache_store('key', $reference);
$fetched = cache_fetch('key');
$fetched->a = 'both';
var_dump($fetched->b, $reference->b);
cache_store('key', $error);
var_dump(cache_fetch('key')->getMessage(), cache_fetch('key')->getCode());
get_object_vars($plain = new Plain);
foreach ($plain as $name => $ignored);
cache_store('key', $plain);
var_dump(cache_fetch('key') == $plain);
?>
--EXPECTF--
object(Dynamic)#%d (2) {
  ["a"]=>
  int(1)
  ["more"]=>
  string(7) "dynamic"
}
object(Sleeping)#%d (2) {
  ["a"]=>
  int(1)
  ["b"]=>
  int(2)
}
object(Magic)#%d (1) {
  ["a"]=>
  int(2)
}
object(Plain)#%d (2) {
  ["a"]=>
  &int(1)
  ["b"]=>
  &int(1)
}
array(2) {
  [0]=>
  object(Plain)#%d (2) {
    ["a"]=>
    int(1)
    ["b"]=>
    NULL
  }
  [1]=>
  object(Dynamic)#%d (2) {
    ["a"]=>
    int(1)
    ["more"]=>
    string(7) "dynamic"
  }
}
string(4) "both"
int(1)
string(7) "message"
int(3)
bool(true)
