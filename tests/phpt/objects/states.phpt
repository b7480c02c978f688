--TEST--
PHP's own classes with a state as an array: equal, with their identity, subclasses and cycles
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-objects-states${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class MyList extends ArrayObject { public $extra = 'e'; }
class MyDate extends DateTimeImmutable { public $note; }
$date = new MyDate('2020-02-29 01:02:03.456 Europe/Berlin');
$date->note = ['n' => 1];
$storage = new SplObjectStorage;
$storage[$date] = 'the date';
$storage[$storage] = 'itself';
$list = new MyList(['d' => $date, 's' => $storage], ArrayObject::ARRAY_AS_PROPS);
$queue = new SplQueue;
$queue[] = $list;
$queue[] = $queue;
$values = [
    $date, new DateTime('2021-01-01 00:00 +02:00'), new DateTimeZone('Europe/Paris'), new DateInterval('P1DT2H'),
    new DatePeriod(new DateTime('2022-01-01 UTC'), new DateInterval('P1D'), 3), $list, new ArrayIterator([1, 2]),
    new RecursiveArrayIterator([[1], 2]), SplFixedArray::fromArray([1, null, $date]), new SplStack, new SplDoublyLinkedList,
];
foreach ($values as $value) {
    cache_store('key', $value);
    $fetched = cache_fetch('key');
    echo get_class($fetched), ' ', cache_key_info('key')['type'], ' ', serialize($fetched) === serialize($value) ? 'same' : 'DIFFERS', "\n";
}
cache_store('key', $queue);
$fetched = cache_fetch('key');
var_dump($fetched[1] === $fetched, $fetched[0]['s'][$fetched[0]['d']], $fetched[0]->s[$fetched[0]['s']], $fetched[0]->extra);
echo $fetched[0]['d']->format('c'), ' ', $fetched[0]['d']->note['n'], "\n";
?>
--EXPECT--
MyDate object same
DateTime object same
DateTimeZone object same
DateInterval object same
DatePeriod object same
MyList object same
ArrayIterator object same
RecursiveArrayIterator object same
SplFixedArray object same
SplStack object same
SplDoublyLinkedList object same
bool(true)
string(8) "the date"
string(6) "itself"
string(1) "e"
2020-02-29T01:02:03+01:00 1
