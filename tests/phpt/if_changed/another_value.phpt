--TEST--
cache_store_if_changed() stores what is another value, or is kept in another way
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-if-changed-another-value${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

final class Plain
{
    public function __construct(public mixed $value) {}
}
$values = ['text', 'texts', 'Text', '', "text\0", str_repeat('x', 300), str_repeat('x', 299) . 'y', str_repeat('x', 301), 'y' . str_repeat('x', 299),
    5, 6, -5, PHP_INT_MAX, PHP_INT_MAX - 1, 5.0, 0.0, -0.0, INF, NAN, true, false, null, '5', [], [5], [5, 6], [6, 5], ['5'], [5.0], [[5]], [null], [false], [[]],
    ['a' => 1], ['a' => 2], ['b' => 1], ['a' => 1, 'b' => 2], ['b' => 2, 'a' => 1], [1 => 5], [str_repeat('x', 300)], [str_repeat('x', 299) . 'y'],
    new Plain(1), new Plain(2), new Plain('1'), new Plain(null), new Plain(new Plain(1)), [new Plain(1)], (object) ['value' => 1], (object) [],
    new DateTime('@5'), new DateTime('@6'), new DateTimeImmutable('@5'), new ArrayObject([1]), new ArrayObject([2]), new ArrayIterator([1])];
$wrong = 0;
foreach ($values as $i => $first) {
    foreach ($values as $j => $second) {
        cache_store('key', $first);
        $answer = cache_store_if_changed('key', $second);
        $fetched = cache_fetch('key');
        if ($answer !== ($i === $j ? CACHE_TOUCHED : CACHE_STORED) || serialize($fetched) !== serialize($second)) {
            $wrong++;
            echo "$i $j: ", serialize($first), ' ', serialize($second), " $answer\n";
        }
    }
}
var_dump($wrong);
?>
--EXPECT--
int(0)
