--TEST--
Objects made of a fetched array are those made of an ordinary one, and the cached one stays
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-zero-copy-array-objects${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/compare.inc';

#[AllowDynamicProperties]
class Made
{
    public $name;
    public array $list = [];
    private ?int $hidden = 5;
    public static function __set_state(array $properties): static { $made = new static; $made->list = $properties; return $made; }
}

class Restored
{
    public $data;
    public function __serialize(): array { return $this->data; }
    public function __unserialize(array $data): void { $data[] = 'restored'; $this->data = $data; }
}

class Whole extends ArrayObject
{
    public $own = 1;
}

final class Fixed
{
    public readonly array $data;
    public function __construct(array $data) { $this->data = $data; }
}

compareOperations(arrayValues(), [
    'cast to object' => fn($a) => (object) $a,
    'cast to object and back' => function ($a) {
        $o = (object) $a; $b = (array) $o; $b[] = 1; return [$a, $b, (array) $o];
    },
    'object, property written' => function ($a) {
        $o = (object) $a; $o->name = 'changed'; $o->new = 1; return [$a, (array) $o];
    },
    'object, property unset' => function ($a) {
        $o = (object) $a; unset($o->name, $o->{'5'}, $o->{'not there'}); return [$a, (array) $o];
    },
    'object, nested write' => function ($a) {
        $o = (object) $a; $o->list['x'][] = 1; $o->f[0][] = 2; return [$a, (array) $o];
    },
    'object, reference' => function ($a) {
        $o = (object) $a; $r = &$o->name; $r = 'by reference'; return [$a, (array) $o];
    },
    'object, foreach by reference' => function ($a) {
        $o = (object) $a; foreach ($o as &$v) { $v = 1; } return [$a, (array) $o];
    },
    'object, foreach' => function ($a) { $b = []; foreach ((object) $a as $k => $v) { $b[] = [$k, $v]; } return $b; },
    'object, clone' => function ($a) {
        $o = (object) $a; $p = clone $o; $p->new = 1; unset($o->name); return [$a, (array) $o, (array) $p];
    },
    'object, isset' => function ($a) {
        $o = (object) $a;
        return [isset($o->name), isset($o->none), isset($o->{'5'}), property_exists($o, 'none'), $o->name ?? 0];
    },
    'object, increment' => function ($a) {
        $o = (object) $a; $o->{'3'} ??= 1; $o->{'3'} .= '1'; ++$o->{'3'}; return (array) $o;
    },
    'object, get_object_vars' => function ($a) {
        $o = (object) $a; $b = get_object_vars($o); $b[] = 1; return [$b, get_mangled_object_vars($o)];
    },
    'object, compared' => fn($a) => [
        (object) $a == (object) $a, (object) $a <=> (object) ($a + ['new' => 1]), (object) $a == (object) [],
    ],
    'object, serialized' => fn($a) => unserialize(serialize((object) $a)),
    'object, var_export' => fn($a) => var_export((object) $a, true),
    'object, json' => fn($a) => json_encode((object) $a, JSON_PARTIAL_OUTPUT_ON_ERROR),
    'object, nested' => fn($a) => json_decode(json_encode($a, JSON_PARTIAL_OUTPUT_ON_ERROR)),
    'dynamic properties' => function ($a) {
        $o = new Made; foreach ($a as $k => $v) { $k === '' || "$k"[0] === "\0" || $o->{$k} = $v; } return $o;
    },
    'declared property' => function ($a) {
        $o = new Made; $o->list = $a; $o->name = &$o->list; $o->name[] = 1; return [$a, $o->list];
    },
    '__set_state' => fn($a) => Made::__set_state($a),
    'readonly property' => function ($a) {
        $o = new Fixed($a); try { $o->data[] = 1; } catch (Error $e) { return [$e->getMessage(), $o->data]; }
    },
    'readonly property copied' => function ($a) { $o = new Fixed($a); $b = $o->data; $b[] = 1; return [$b, $o->data]; },
    '__unserialize' => function ($a) { $o = new Restored; $o->data = $a; return unserialize(serialize($o))->data; },
    'array inside of an object, cloned' => function ($a) {
        $o = new Made; $o->list = $a; $p = clone $o; $p->list[] = 1; return [$o->list, $p->list];
    },
    'ArrayObject' => function ($a) {
        $o = new ArrayObject($a); $o[] = 1; $o['x'] = 2; unset($o['name']);
        return [$a, $o->getArrayCopy(), count($o)];
    },
    'ArrayObject, read' => fn($a) => [
        isset((new ArrayObject($a))['name']), (new ArrayObject($a))['name'] ?? null,
        (new ArrayObject($a))[5] ?? null,
    ],
    'ArrayObject, nested write' => function ($a) {
        $o = new ArrayObject($a); $o['f'][] = 1; $o['list']['x'] = 1; return [$a, $o->getArrayCopy()];
    },
    'ArrayObject, foreach by value and write' => function ($a) {
        $o = new ArrayObject($a); foreach ($o as $k => $v) { $o[$k] = 'w'; } return [$a, $o->getArrayCopy()];
    },
    'ArrayObject, iterator' => function ($a) {
        $o = new ArrayObject($a); $i = $o->getIterator(); $o[] = 1; $b = []; foreach ($i as $v) { $b[] = $v; }
        return [$a, $b];
    },
    'ArrayObject, exchangeArray' => function ($a) {
        $o = new ArrayObject(['old']); $b = $o->exchangeArray($a); $o[] = 1; return [$a, $b, $o->getArrayCopy()];
    },
    'ArrayObject, sorts' => function ($a) {
        $o = new ArrayObject($a); $o->asort(); $b = $o->getArrayCopy(); $o->ksort(); $c = $o->getArrayCopy();
        $o->uasort(fn($x, $y) => strcmp(serialize($x), serialize($y))); $o->natsort();
        return [$a, $b, $c, $o->getArrayCopy()];
    },
    'ArrayObject, append and offsets' => function ($a) {
        $o = new ArrayObject($a); $o->append('new'); $o->offsetSet('k', 1); $o->offsetUnset(3);
        return [$o->offsetExists('k'), $a, $o->getArrayCopy()];
    },
    'ArrayObject, as properties' => function ($a) {
        $o = new ArrayObject($a, ArrayObject::ARRAY_AS_PROPS); $o->name = 1; $o->new = 2;
        return [$a, $o->getArrayCopy()];
    },
    'ArrayObject, serialized' => fn($a) => unserialize(serialize(new ArrayObject($a)))->getArrayCopy(),
    'ArrayObject, cloned' => function ($a) {
        $o = new ArrayObject($a); $p = clone $o; $p[] = 1; $o['o'] = 1;
        return [$a, $o->getArrayCopy(), $p->getArrayCopy()];
    },
    'ArrayObject, cast' => function ($a) { $b = (array) new ArrayObject($a); $b[] = 1; return [$a, $b]; },
    'ArrayObject, subclass' => function ($a) {
        $o = new Whole($a); $o[] = 1; $o->own = $a; return [$a, serialize($o)];
    },
    'ArrayObject, reference' => function ($a) {
        $o = new ArrayObject($a); $r = &$o['name']; $r = 1; return [$a, $o->getArrayCopy()];
    },
    'ArrayObject of an object' => function ($a) {
        $p = (object) $a; $o = new ArrayObject($p); $o['new'] = 1; return [$a, (array) $p];
    },
    'ArrayIterator, writing' => function ($a) {
        $i = new ArrayIterator($a); foreach ($i as $k => $v) { $i[$k] = 1; } $i[] = 2;
        return [$a, $i->getArrayCopy()];
    },
    'SplFixedArray' => function ($a) {
        $f = SplFixedArray::fromArray(array_values($a)); count($a) && $f[0] = 'changed'; $f->setSize(count($a) + 1);
        return [$a, $f->toArray()];
    },
    'SplFixedArray, keys kept' => function ($a) {
        $f = SplFixedArray::fromArray(array_filter($a, fn($k) => is_int($k) && $k >= 0 && $k < 1000, ARRAY_FILTER_USE_KEY));
        return $f->toArray();
    },
    'SplFixedArray of it' => function ($a) {
        $f = new SplFixedArray(2); $f[0] = $a; $f[1] = &$a; $x = $f[0]; $x[] = 1; return [$x, $f->toArray()];
    },
    'SplObjectStorage' => function ($a) {
        $s = new SplObjectStorage; $o = new stdClass; $s[$o] = $a; $b = $s[$o]; $b[] = 1;
        $s->attach((object) $a, $a); return [$b, $s[$o], serialize($s)];
    },
    'WeakMap' => function ($a) {
        $m = new WeakMap; $o = new stdClass; $m[$o] = $a; $m[$o][] = 1;
        foreach ($m as &$v) { $v['by reference'] = 1; } return [$a, $m[$o]];
    },
    'SplDoublyLinkedList' => function ($a) {
        $l = new SplDoublyLinkedList; $l[] = $a; $l[] = $a; $b = $l[0]; $b[] = 1; return [$b, $l[1]];
    },
    'SplTempFileObject' => function ($a) {
        $f = new SplTempFileObject; $f->fputcsv(array_filter($a, 'is_scalar')); $f->rewind(); return $f->fgets();
    },
    'DateTime::__set_state' => fn($a) => DateTime::__set_state($a),
    'DateTime::__unserialize' => fn($a) => (new DateTime('2024-01-01 UTC'))->__unserialize($a),
    'ArrayObject::__unserialize' => function ($a) {
        $o = new ArrayObject; $o->__unserialize([0, $a, [], null]); $o[] = 1; return [$a, $o->getArrayCopy()];
    },
    'exception with it' => fn($a) => (new class('message', $a) extends Exception {
        public function __construct(string $message, public array $data) { parent::__construct($message); }
    })->data,
    'Reflection, property' => function ($a) {
        $o = new Made; $p = new ReflectionProperty($o, 'list'); $p->setValue($o, $a); $b = $p->getValue($o);
        $b[] = 1; return [$a, $b, $o->list];
    },
    'Reflection, static property' => function ($a) {
        $class = new class { public static $static; };
        $r = new ReflectionClass($class); $r->setStaticPropertyValue('static', $a); $b = $r->getStaticPropertyValue('static'); $b[] = 1;
        return [$a, $b, $r->getStaticProperties()];
    },
    'Reflection, newInstanceArgs' => fn($a) => (new ReflectionClass('ArrayObject'))->newInstanceArgs([$a])->getArrayCopy(),
    /* Where a position follows a name PHP throws, and loses memory. */
    'Reflection, invokeArgs' => fn($a) => (new ReflectionFunction(fn(...$all) => $all))
        ->invokeArgs(array_is_list($a) || !array_filter(array_keys($a), 'is_int') ? $a : array_values($a)),
    'object with it as the closure\'s' => function ($a) {
        $o = new Made; $o->list = $a; $f = function () { $this->list[] = 1; return $this->list; };
        return [$f->call($o), $a];
    },
    'collected in a cycle' => function ($a) {
        $o = (object) $a; $o->self = $o; $o->all = $a; unset($o); return gc_collect_cycles() >= 0;
    },
    'DatePeriod and others given it' => fn($a) => new DatePeriod($a),
    'HashContext and others given it' => fn($a) => hash_init('md5', 0, '', $a) instanceof HashContext,
]);
?>
--EXPECT--
done
