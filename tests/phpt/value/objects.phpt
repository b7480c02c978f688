--TEST--
Objects keep their class and their properties of every visibility
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-value-objects${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Base
{
    private $hidden = 'base';
    public function hidden() { return $this->hidden; }
}
class Child extends Base
{
    public $public = [1];
    protected $protected = 2;
    private $hidden = 'child';
    public ?Child $next = null;
    public readonly int $once;
    public function __construct() { $this->once = 7; }
}
$object = new Child;
$object->next = new Child;
cache_store('key', $object);
$fetched = cache_fetch('key');
var_dump($fetched == $object, $fetched === $object, $fetched->next->once, $fetched->hidden());
cache_store('date', new DateTimeImmutable('2024-02-29 12:00:00 UTC'));
echo cache_fetch('date')->format('c'), "\n";
cache_store('list', new ArrayObject(['a' => new SplObjectStorage]));
var_dump(get_class(cache_fetch('list')['a']));
?>
--EXPECT--
bool(true)
bool(false)
int(7)
string(4) "base"
2024-02-29T12:00:00+00:00
string(16) "SplObjectStorage"
