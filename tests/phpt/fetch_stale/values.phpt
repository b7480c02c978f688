--TEST--
Stale values of all kinds come as fresh ones do
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-fetch-stale-values${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Point
{
    public function __construct(public int $x, public array $more, public readonly string $name) {}
}
enum Suit { case Hearts; }
$values = [
    'int' => 5, 'negative' => PHP_INT_MIN, 'float' => 1.5, 'null' => null, 'true' => true, 'false' => false, 'empty' => '', 'c' => 'c',
    'string' => str_repeat('text ', 20), 'long string' => str_repeat('long text ', 30000), 'array' => ['a' => [1, 2, ['b' => null]], 3 => 'x'],
    'rows' => array_fill(0, 500, ['id' => 1, 'name' => 'a name']), 'object' => new Point(1, ['a' => [2]], 'name'), 'enum' => Suit::Hearts,
    'date' => new DateTimeImmutable('2024-02-29 12:00'), 'empty array' => [],
];
foreach ($values as $key => $value) {
    cache_store($key, $value, 0, 60);
    cache_mark_stale($key);
}
$kept = [];
foreach ($values as $key => $value) {
    $kept[$key] = $found = cache_fetch_stale($key, $state);
    if ($state !== CACHE_STATE_STALE || (is_object($value) && !$value instanceof Suit ? $found != $value : $found !== $value)) {
        echo "$key is wrong\n";
    }
}
var_dump(cache_fetch_stale(array_keys($values)) == $values);
/* Values that were handed out stay when the entry is gone. */
cache_clear();
for ($i = 0; $i < 2000; $i++) {
    cache_store("filler $i", str_repeat('f', 1000));
}
var_dump($kept == $values);
/* They are the caller's. */
$kept['array']['a'][] = 'more';
$kept['string'][0] = 'T';
var_dump(count($kept['array']['a']), $kept['string'] === 'T' . substr($values['string'], 1));
?>
--EXPECT--
bool(true)
bool(true)
int(4)
bool(true)
