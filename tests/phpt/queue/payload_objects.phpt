--TEST--
Objects, enums and dates come back as equals
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-payload-objects${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Plain
{
    public ?Plain $other = null;
    protected array $list = [1, 2];
    public function __construct(private string $name) {}
}
class Own
{
    public $secret = 'not serialized';
    public function __construct(public readonly int $number) {}
    public function __serialize(): array { return ['n' => $this->number]; }
    public function __unserialize(array $data): void { $this->number = $data['n'] + 1000; }
}
enum Suit: string
{
    case Hearts = 'H';
    case Spades = 'S';
}
function there(mixed $payload): mixed
{
    cache_queue_push('q', 'k', $payload);
    $job = cache_queue_pop('q');
    cache_queue_ack($job['id'], $job['token']);
    return $job['payload'];
}
$plain = new Plain('one');
$plain->other = new Plain('two');
var_dump(there($plain) == $plain, there(new Own(5))->number, there(Suit::Spades) === Suit::Spades, there([Suit::Hearts]) === [Suit::Hearts]);
$date = new DateTimeImmutable('2024-02-29 12:34:56.789 Europe/Berlin');
var_dump(there($date) == $date, there($date)->format('c e u'));
var_dump(there((object) ['a' => 1]), there(new ArrayObject([1, 2]))->getArrayCopy());
[$a, $b] = there([$plain, $plain]);
var_dump($a === $b, $a !== $plain);
$cycle = new stdClass;
$cycle->self = $cycle;
$cycle = there($cycle);
var_dump($cycle->self === $cycle);
?>
--EXPECT--
bool(true)
int(1005)
bool(true)
bool(true)
bool(true)
string(46) "2024-02-29T12:34:56+01:00 Europe/Berlin 789000"
object(stdClass)#8 (1) {
  ["a"]=>
  int(1)
}
array(2) {
  [0]=>
  int(1)
  [1]=>
  int(2)
}
bool(true)
bool(true)
bool(true)
