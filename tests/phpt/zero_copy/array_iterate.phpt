--TEST--
Iterating over a fetched array does what it does over an ordinary one, and the cached one stays
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-zero-copy-array-iterate${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/compare.inc';

function yieldAll(array $array): Generator
{
    foreach ($array as $key => $value) {
        $sent = yield $key => $value;
        $sent === null || $array[] = $sent;
    }
    return $array;
}

compareOperations(arrayValues(), [
    'foreach' => function ($a) { $b = []; foreach ($a as $k => $v) { $b[] = [$k, $v]; } return $b; },
    'foreach, writing the array' => function ($a) {
        foreach ($a as $k => $v) { $a[$k] = 'x'; $a["new $k"] = 1; } return $a;
    },
    'foreach, writing the variable' => function ($a) { foreach ($a as $k => $v) { $k = 'x'; $v = 'y'; } return $a; },
    'foreach, unset behind' => function ($a) { foreach ($a as $k => $v) { unset($a[$k]); } return $a; },
    'foreach, variable replaced' => function ($a) {
        $b = []; foreach ($a as $v) { $a = 'gone'; $b[] = $v; } return [$a, $b];
    },
    'foreach by reference' => function ($a) {
        foreach ($a as &$v) { $v = is_int($v) ? $v + 1 : 'changed'; } return $a;
    },
    'foreach by reference, not writing' => function ($a) { foreach ($a as &$v) { } unset($v); return $a; },
    'foreach by reference, key' => function ($a) {
        $b = []; foreach ($a as $k => &$v) { $v = $k; $b[] = &$v; } return [$a, $b];
    },
    'foreach by reference, appending' => function ($a) {
        $n = 0; foreach ($a as &$v) { if ($n++ < 30) { $a[] = $n; } } return $a;
    },
    'foreach by reference, unset behind' => function ($a) { foreach ($a as $k => &$v) { unset($a[$k]); } return $a; },
    'foreach by reference, unset ahead' => function ($a) { foreach ($a as &$v) { array_pop($a); } return $a; },
    'foreach by reference of a copy' => function ($a) { $b = $a; foreach ($b as &$v) { $v = 1; } return [$a, $b]; },
    'foreach by reference, nested' => function ($a) {
        foreach ($a as &$v) {
            if (is_array($v)) {
                foreach ($v as &$w) { $w = 'inner'; }
                unset($w);
            }
        }
        return $a;
    },
    'foreach by reference twice' => function ($a) { foreach ($a as &$v) { } foreach ($a as $v) { } return $a; },
    'foreach into an element' => function ($a) { $b = []; foreach ($a as $b['key'] => $b['value']) { } return $b; },
    'foreach over a part' => function ($a) {
        foreach ($a['f'] ?? [] as $k => $v) { $a['f'][$k][] = 'more'; } return $a;
    },
    'foreach with destructuring' => function ($a) {
        $b = []; foreach ($a as [0 => $x, 1 => $y]) { $b[] = [$x, $y]; } return $b;
    },
    'foreach with keyed destructuring' => function ($a) {
        $b = []; foreach ($a as ['id' => $x, 'tags' => [, $y]]) { $b[] = [$x, $y]; } return $b;
    },
    'foreach, break and go on' => function ($a) {
        foreach ($a as $k => $v) { break; } foreach ($a as $l => $w) { }
        return [$k ?? 0, $v ?? 0, $l ?? 0, $w ?? 0];
    },
    'foreach nested over the same' => function ($a) {
        $n = 0; foreach ($a as $k => $v) { foreach ($a as $l => $w) { $n += $k === $l; } } return $n;
    },
    'foreach over a temporary' => function ($a) {
        $n = []; foreach (array_reverse($a, true) as $k => $v) { $n[] = $k; } return $n;
    },
    'current, key' => function ($a) { return [current($a), key($a), pos($a)]; },
    'next' => function ($a) {
        $b = [current($a)]; while (key($a) !== null) { $b[] = next($a); } return [$b, next($a), key($a)];
    },
    'end and prev' => function ($a) { $b = [end($a)]; while (key($a) !== null) { $b[] = prev($a); } return $b; },
    'reset' => function ($a) { next($a); next($a); $b = [key($a)]; $b[] = reset($a); $b[] = key($a); return $b; },
    'pointer of a copy' => function ($a) {
        next($a); $b = $a; next($b); return [key($a), key($b), current($a), current($b)];
    },
    'pointer after a write' => function ($a) { next($a); $a[] = 1; return [key($a), current($a)]; },
    'pointer after unset' => function ($a) { next($a); unset($a[key($a) ?? 0]); return [key($a), current($a)]; },
    'pointer in foreach' => function ($a) { next($a); foreach ($a as $v) { } return [key($a), current($a)]; },
    'pointer of a part' => function ($a) {
        $a['f'] ??= [1, 2]; next($a['f']); return [key($a['f']), current($a['f'])];
    },
    'current of the value itself' => fn($a) => [current($a), key($a)],
    'list' => function ($a) { [$x, , $y] = $a; return [$x, $y]; },
    'list with keys' => function ($a) {
        ['name' => $x, 5 => $y, 'a' => ['b' => $z]] = $a + ['a' => null]; return [$x, $y, $z];
    },
    'list swaps' => function ($a) { [1 => $x, 0 => $y] = $a; [$x, $y] = [$y, $x]; return [$x, $y]; },
    'list nested' => function ($a) { [[$x, $y], [$z]] = $a; return [$x, $y, $z]; },
    'list into elements' => function ($a) { $b = []; [$b[], $b['x']['y']] = $a; return $b; },
    'spread into an array' => function ($a) { $b = [...$a, ...$a, 'name' => 1]; $b[] = 2; return $b; },
    'spread alone' => function ($a) { $b = [...$a]; $b[] = 1; return [$a, $b]; },
    'spread into arguments' => function ($a) { return (fn(...$all) => $all)(...array_values($a)); },
    'spread into named arguments' => function ($a) { return (fn(...$all) => $all)(...$a); },
    'spread into references' => function ($a) {
        (function (&...$all) { foreach ($all as &$one) { $one = 'x'; } })(...array_values($a)); return $a;
    },
    'spread by reference from the variable' => function ($a) {
        $a = array_values($a); (function (&$x = 0, &$y = 0) { $x = $y = 'x'; })(...$a); return $a;
    },
    'spread into an internal function' => function ($a) { return max(0, ...array_values($a)); },
    'generator' => function ($a) { return iterator_to_array(yieldAll($a)); },
    'generator, result' => function ($a) { $g = yieldAll($a); foreach ($g as $_) { } return $g->getReturn(); },
    'generator, send' => function ($a) {
        $g = yieldAll($a); $g->rewind(); $g->send('sent'); while ($g->valid()) { $g->next(); }
        return $g->getReturn();
    },
    'generator, left early' => function ($a) { $g = yieldAll($a); $x = $g->current(); unset($g); return [$x, $a]; },
    'generator, thrown into' => function ($a) {
        $g = yieldAll($a); $g->current(); $g->throw(new Exception('thrown')); return $a;
    },
    'generator by reference' => function ($a) {
        $g = (function &() use (&$a) { foreach ($a as $k => &$v) { yield $k => $v; } })();
        foreach ($g as &$v) { $v = 'by the generator'; }
        return $a;
    },
    'yield from' => function ($a) {
        $g = (function () use ($a) { yield from $a; yield from $a; return 1; })(); $b = [];
        foreach ($g as $k => $v) { $b[] = [$k, $v]; } return $b;
    },
    'yield from, then written' => function ($a) {
        $g = (function () use (&$a) { yield from $a; })(); $b = []; foreach ($g as $v) { $a[] = 1; $b[] = $v; }
        return [$a, $b];
    },
    'fiber' => function ($a) {
        $f = new Fiber(function (array $a) { foreach ($a as $k => $v) { $a[$k] = Fiber::suspend($v); } return $a; });
        $x = $f->start($a);
        while (!$f->isTerminated()) { $x = $f->resume([$x]); }
        return [$a, $f->getReturn()];
    },
    'ArrayIterator' => function ($a) {
        $b = []; foreach (new ArrayIterator($a) as $k => $v) { $b[] = [$k, $v]; } return $b;
    },
    'ArrayIterator, seek' => function ($a) {
        $i = new ArrayIterator($a); $i->seek(1); return [$i->key(), $i->current(), count($i)];
    },
    'ArrayIterator, unset while walking' => function ($a) {
        $i = new ArrayIterator($a); foreach ($i as $k => $v) { is_int($k) && $i->offsetUnset($k); }
        return [$a, $i->getArrayCopy()];
    },
    'RecursiveArrayIterator' => function ($a) {
        $b = [];
        foreach (new RecursiveIteratorIterator(new RecursiveArrayIterator($a), RecursiveIteratorIterator::SELF_FIRST) as $k => $v) { $b[] = [$k, gettype($v)]; }
        return $b;
    },
    'LimitIterator' => fn($a) => iterator_to_array(new LimitIterator(new ArrayIterator($a), 0, 2)),
    'CachingIterator' => function ($a) {
        $b = [];
        foreach ($i = new CachingIterator(new ArrayIterator($a), CachingIterator::FULL_CACHE) as $v) { $b[] = $i->hasNext(); }
        return [$b, $i->getCache()];
    },
    'AppendIterator' => function ($a) {
        $i = new AppendIterator; $i->append(new ArrayIterator($a)); $i->append(new ArrayIterator($a));
        return iterator_to_array($i, false);
    },
    'MultipleIterator' => function ($a) {
        $i = new MultipleIterator; $i->attachIterator(new ArrayIterator($a));
        $i->attachIterator(new ArrayIterator(array_keys($a))); $b = []; foreach ($i as $v) { $b[] = $v; } return $b;
    },
    'InfiniteIterator' => function ($a) {
        $b = [];
        foreach (new LimitIterator(new InfiniteIterator(new ArrayIterator($a)), 0, 30) as $v) { $b[] = $v; }
        return $b;
    },
    'CallbackFilterIterator' => fn($a) => iterator_to_array(new CallbackFilterIterator(new ArrayIterator($a), fn($v, $k) => is_string($k) || is_int($v))),
    'iterator_apply' => function ($a) {
        $i = new ArrayIterator($a); $b = [];
        iterator_apply($i, function () use ($i, &$b) { $b[] = $i->key(); return true; }); return $b;
    },
    'IteratorAggregate' => fn($a) => iterator_to_array(new class($a) implements IteratorAggregate {
        public function __construct(private array $data) {}
        public function getIterator(): Iterator { return new ArrayIterator($this->data); }
    }),
]);
?>
--EXPECT--
done
