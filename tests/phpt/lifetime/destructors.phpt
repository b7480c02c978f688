--TEST--
Fetched values are right in destructors at the end of the request
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lifetime-destructors${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/lifetime.inc';

#[AllowDynamicProperties]
class Late
{
    public static array $all = [];
    /* PHP's versions may destroy in another order. */
    private static array $results = [];
    public ?Late $self = null;
    public function __construct(private string $name, private array $values) {}
    public function __destruct()
    {
        reuse();
        self::$results[] = "$this->name: " . verdict($this->values);
        if (count(self::$results) === 10) {
            sort(self::$results);
            echo implode("\n", self::$results), "\n";
        }
    }
}

Late::$all[] = new Late('static property', fetchOriginals());
(function () {
    static $kept;
    $kept = new Late('static variable', fetchOriginals());
})();
$cycle = new Late('cycle', fetchOriginals());
$cycle->self = $cycle;
unset($cycle);
$dynamic = new Late('dynamic properties', fetchOriginals());
foreach (fetchOriginals() as $key => $value) {
    $dynamic->{$key} = $value;
}
$closure = new Late('closure', fetchOriginals());
$closure = fn() => $closure;
$map = new WeakMap;
$map[$key = new stdClass] = new Late('weak map', fetchOriginals());
$storage = new SplObjectStorage;
$storage[new Late('storage key', fetchOriginals())] = new Late('storage value', fetchOriginals());
$list = new ArrayObject([new Late('array object', fetchOriginals())]);
$global = new Late('global', fetchOriginals());
reuse();
echo "end\n";
?>
--EXPECT--
end
array object: right
closure: right
cycle: right
dynamic properties: right
global: right
static property: right
static variable: right
storage key: right
storage value: right
weak map: right
