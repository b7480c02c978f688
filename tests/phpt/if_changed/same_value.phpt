--TEST--
cache_store_if_changed() moves only the stamp of a value that is there already
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-if-changed-same-value${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

final class Plain
{
    public int $number = 1;
    protected array $list = ['a', ['b']];
    private ?string $text = 'text';
    public ?Plain $next = null;
}
final class Sleeps
{
    public array $data = [1];
    public function __sleep(): array { return ['data']; }
}
final class Serializes
{
    public array $data = ['x' => 'y'];
    public function __serialize(): array { return $this->data; }
    public function __unserialize(array $data): void { $this->data = $data; }
}
enum Suit: string
{
    case Hearts = 'h';
}
$values = [
    'short string' => fn() => str_repeat('x', 5),
    'string' => fn() => str_repeat('x', 200),
    'long string' => fn() => str_repeat('x', 300),
    'very long string' => fn() => str_repeat('xy', 200000),
    'empty string' => fn() => '',
    'int' => fn() => 5,
    'large int' => fn() => PHP_INT_MIN,
    'float' => fn() => 0.1,
    'NAN' => fn() => NAN,
    'true' => fn() => true,
    'false' => fn() => false,
    'null' => fn() => null,
    'no elements' => fn() => [],
    'list' => fn() => range(1, 20),
    'list of all sorts' => fn() => [1, 1.5, null, true, str_repeat('x', 3), str_repeat('y', 300), [], [1, [2]]],
    'array' => fn() => ['a' => 1, 'b' => ['c' => str_repeat('d', 4)], 5 => null, str_repeat('k', 20) => 1],
    'array with gaps' => fn() => array_diff_key(range(0, 30), [3 => 1, 4 => 1]),
    'objects' => fn() => ['a' => new Plain, 'b' => [new Plain]],
    'object' => function () { $plain = new Plain; $plain->next = new Plain; return $plain; },
    'cycle' => function () { $plain = new Plain; $plain->next = $plain; return $plain; },
    'stdClass' => fn() => (object) ['a' => 1, 'b' => [2], '5' => str_repeat('x', 5)],
    'DateTime' => fn() => new DateTime('2020-02-02 02:02:02.5 Europe/Berlin'),
    'ArrayObject' => fn() => new ArrayObject(['a' => 1, 'b' => new Plain]),
    'enum' => fn() => [Suit::Hearts],
    'with __sleep' => fn() => [new Sleeps, new Sleeps],
    'with __serialize' => fn() => new Serializes,
    'references' => function () { $x = 1; return [&$x, &$x]; },
];
foreach ($values as $name => $make) {
    $answers = [cache_store_if_changed($name, $make(), 60, 60, ['tag'])];
    $before = cache_key_info($name);
    $counted = cache_info(true);
    for ($i = 0; $i < 3; $i++) {
        // Memory that is used again has other bytes in its gaps.
        $junk = str_repeat(chr(170 + $i), 3000);
        unset($junk);
        $answers[] = cache_store_if_changed($name, $make(), 60, 60, ['tag']);
    }
    $after = cache_key_info($name);
    $stores = cache_info(true)['stores'] - $counted['stores'];
    $unchanged = cache_info(true)['stores_unchanged'] - $counted['stores_unchanged'];
    if ($answers !== [CACHE_STORED, CACHE_TOUCHED, CACHE_TOUCHED, CACHE_TOUCHED] || $stores !== 0 || $unchanged !== 3
        || $after['version'] !== $before['version'] || $after['stamp'] < $before['stamp'] || $after['size'] !== $before['size']
        || $after['soft'] !== $after['stamp'] + 60_000_000 || serialize(cache_fetch($name)) !== serialize($make())) {
        echo $name, ': ', json_encode([$answers, $stores, $unchanged]), "\n";
    }
}
echo count($values), " values\n";
var_dump(CACHE_STORED, CACHE_TOUCHED, CACHE_LOST);
?>
--EXPECT--
27 values
int(1)
int(2)
int(-1)
