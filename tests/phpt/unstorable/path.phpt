--TEST--
The exception names the path to the value that cannot be cached
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-unstorable-path${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Holder
{
    public $public;
    protected $protected;
    private $private;
    public function __construct($public, $protected = null, $private = null)
    {
        [$this->public, $this->protected, $this->private] = [$public, $protected, $private];
    }
}
$closure = fn() => 1;
$dynamic = new stdClass;
$dynamic->{'some name'} = [$closure];
$cycle = new Holder(null);
$cycle->public = [$cycle, 'x' => new Holder(1, $closure)];
$reference = $closure;
foreach ([
    ['a' => [3 => $closure]], [1, 2, [[$closure]]], new Holder(1, ['k' => STDIN]), ['o' => new Holder(null, null, $closure)],
    $dynamic, $cycle, ['r' => &$reference], ["it's\n" => $closure], (object) [5 => $closure], [str_repeat('long', 100) => STDIN],
] as $value) {
    attempt(fn() => cache_store('key', $value));
}
attempt(fn() => cache_store(['first' => 1, 7 => ['x' => $closure]]));
?>
--EXPECT--
Cache\UnstorableException: $value['a'][3] cannot be cached: class Closure does not allow serialization
Cache\UnstorableException: $value[2][0][0] cannot be cached: class Closure does not allow serialization
Cache\UnstorableException: $value->protected['k'] cannot be cached: it is a resource
Cache\UnstorableException: $value['o']->private cannot be cached: class Closure does not allow serialization
Cache\UnstorableException: $value->some name[0] cannot be cached: class Closure does not allow serialization
Cache\UnstorableException: $value->public['x']->protected cannot be cached: class Closure does not allow serialization
Cache\UnstorableException: $value['r'] cannot be cached: class Closure does not allow serialization
Cache\UnstorableException: $value['it's\n'] cannot be cached: class Closure does not allow serialization
Cache\UnstorableException: $value->5 cannot be cached: class Closure does not allow serialization
Cache\UnstorableException: $value['longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglong'] cannot be cached: it is a resource
Cache\UnstorableException: $key[7]['x'] cannot be cached: class Closure does not allow serialization
