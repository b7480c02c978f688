--TEST--
Autoloaders, comparison functions, iterators and streams go on working with fetched names and contents
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lifetime-callbacks${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/lifetime.inc';

class Loader
{
    public static array $asked = [];
    public static function load(string $class): void { self::$asked[] = $class; }
    public static function compare($a, $b): int { return $a <=> $b; }
}

function isText(mixed $value): bool
{
    return is_string($value);
}

spl_autoload_register(fetched('Loader::load'));
spl_autoload_register(fetched(['Loader', 'load']));
reuse();
class_exists(fetched('ClassOfSomeLength'));
reuse();
class_exists('OtherClassOfSomeLength');
$list = [3, 1, 2];
$compare = fetched(['Loader', 'compare']);
reuse();
usort($list, $compare);
$filter = new CallbackFilterIterator(new ArrayIterator([1, 'two']), fetched('isText'));
$tree = new RecursiveArrayIterator(fetchOriginals());
$expression = new RegexIterator(new ArrayIterator(['one', 'two']), fetched('/^t(w)o$/'));
$closure = Closure::fromCallable(fetched('strtoupper'));
$reflected = new ReflectionMethod(fetched('Loader'), fetched('compare'));
$interval = new DateInterval(fetched('P1DT2H'));
$date = new DateTimeImmutable(fetched('2024-02-29 12:00:00'), new DateTimeZone(fetched('Europe/Berlin')));
$hash = hash_init(fetched('sha256'), HASH_HMAC, fetched('key of some length'));
$context = stream_context_create(['http' => ['header' => fetched('X-Header: of some length')]]);
$object = unserialize(fetched('O:8:"stdClass":1:{s:19:"name of some length";s:20:"value of some length";}'));
$temporary = fopen('php://temp', 'w+');
fwrite($temporary, fetched('line of some length'));
$heap = new SplPriorityQueue;
$heap->insert(fetched('entry of some length'), fetched('priority'));
reuse();
hash_update($hash, 'data');
rewind($temporary);
print_r(array_unique(Loader::$asked));
echo implode(', ', $list), ', ', implode(', ', iterator_to_array($filter, false)), ', ', implode(iterator_to_array($expression)), "\n";
var_dump(iterator_to_array($tree) === originals(), $closure('x'), $reflected->getName(), $interval->format('%d %h'), $date->format('c e'));
var_dump(hash_final($hash) === hash_hmac('sha256', 'data', 'key of some length'), stream_context_get_options($context)['http']['header']);
var_dump((array) $object, fgets($temporary), $heap->top());
?>
--EXPECT--
Array
(
    [0] => ClassOfSomeLength
    [1] => OtherClassOfSomeLength
)
1, 2, 3, two, two
bool(true)
string(1) "X"
string(7) "compare"
string(3) "1 2"
string(39) "2024-02-29T12:00:00+01:00 Europe/Berlin"
bool(true)
string(24) "X-Header: of some length"
array(1) {
  ["name of some length"]=>
  string(20) "value of some length"
}
string(19) "line of some length"
string(20) "entry of some length"
