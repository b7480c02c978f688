--TEST--
If a class is not to be had, no destructor of the objects made so far runs
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-objects-no-half-made-object${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../process.inc';

class Loud
{
    public $next;
    public function __destruct() { echo "destructed\n"; }
}
echo runPhp('class Loud { public $next; } class Gone {} $a = new Loud; $a->next = new Loud; $a->next->next = [$a, new Gone]; var_dump(cache_store("key", [$a]));');
var_dump(cache_fetch('key'));
echo runPhp('class Loud { public $next; } $a = new Loud; $a->next = $a; var_dump(cache_store("key", [$a]));');
$fetched = cache_fetch('key');
var_dump($fetched[0]->next === $fetched[0]);
$fetched[0]->next = null;
$fetched = null;
/* The same where objects are in nothing but the state of one of PHP's own classes. */
foreach (['[new ArrayObject([new Loud]), new Gone]', 'new ArrayObject([new Loud, new Gone])', '["a" => [new Loud], "b" => new Gone]'] as $value) {
    echo runPhp("class Loud { public \$next; } class Gone {} var_dump(cache_store('key', $value));");
    var_dump(cache_fetch('key'));
}
echo "end\n";
?>
--EXPECTF--
bool(true)
%Acache: class Gone is not what it was when an object of it was stored, or is not to be had: such entries count as missing
bool(false)
bool(true)
bool(true)
destructed
bool(true)
bool(false)
bool(true)
bool(false)
bool(true)
bool(false)
end
