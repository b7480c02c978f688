--TEST--
The callback's value is its own, and what it returns is copied
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-merge-value-semantics${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$list = ['a' => ['b' => 1], 'object' => (object) ['x' => 1]];
cache_store('key', $list);
$seen = null;
cache_merge('key', function (array $value) use (&$seen) {
    $value['a']['b']++;
    $value['object']->x++;
    $value['new'] = str_repeat('new', 100);
    $seen = $value;
    return $value;
});
$seen['a']['b'] = 'changed afterwards';
$seen['object']->x = 'changed afterwards';
$fetched = cache_fetch('key');
echo json_encode($fetched['a']), json_encode($fetched['object']), strlen($fetched['new']), "\n";

$shared = ['kept' => 1];
cache_merge('key', function &() use (&$shared) { return $shared; });
$shared['kept'] = 2;
var_dump(cache_fetch('key'));
cache_merge('key', function ($value) { unset($value); return [1]; });
var_dump(cache_fetch('key'));

final class Calls
{
    public static int $number = 0;
    public function __call(string $name, array $arguments): string { return $name . ++self::$number . self::meddle(); }
    public static function __callStatic(string $name, array $arguments): string { return $name . ++self::$number . self::meddle(); }
    private static function meddle(): string { self::$number % 3 && cache_store('key', self::$number); return '!'; }
    public function __invoke(mixed $value, bool $found): string { return json_encode(func_get_args()); }
}
var_dump(cache_merge('key', [new Calls, 'magic']), cache_fetch('key'), cache_merge('key', 'Calls::magicStatic'), cache_fetch('key'));
var_dump(cache_merge('key', new Calls), cache_fetch('key'), cache_merge('key', 'json_encode'), cache_fetch('key'));
var_dump(cache_merge('key', (new Calls)->first(...)), cache_fetch('key'));
?>
--EXPECT--
{"b":2}{"x":2}300
array(1) {
  ["kept"]=>
  int(1)
}
array(1) {
  [0]=>
  int(1)
}
bool(true)
string(7) "magic3!"
bool(true)
string(13) "magicStatic6!"
bool(true)
string(22) "["magicStatic6!",true]"
bool(true)
string(26) ""[\"magicStatic6!\",true]""
bool(true)
string(7) "first9!"
