--TEST--
A fetched array goes through variables, calls and closures as an ordinary one does, and the cached one stays
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-zero-copy-array-scope${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/compare.inc';

function keepsStatic(?array $array = null): array
{
    static $kept = [];
    $array === null || $kept = $array;
    $kept[] = 'kept';
    return $kept;
}

function byReference(array &$array): array
{
    $array['by reference'] = count($array);
    return $array;
}

function &returnsReference(array &$array): mixed
{
    $array['element'] ??= 0;
    return $array['element'];
}

function typed(array|string|null $value, iterable $iterable = [], int ...$more): array
{
    $value[] = $iterable;
    return $value;
}

class Calls
{
    public array $data = [];
    public static array $all = [];
    public function __call(string $name, array $arguments): array { $arguments[] = $name; return $arguments; }
    public static function __callStatic(string $name, array $arguments): array { $arguments[] = $name; return $arguments; }
    public function __get(string $name): mixed { return $this->data; }
    public function __set(string $name, mixed $value): void { $this->data[$name] = $value; }
    public function &reference(): array { return $this->data; }
    public function with(array $data): static { $this->data = $data; return $this; }
}

class Recursive
{
    public function __construct(public array $data, public ?Recursive $self = null) { $this->self ??= $this; }
}

$fiberWithArray = function (array $a): array {
    $fiber = new Fiber(function (array $a): array {
        $a[] = Fiber::suspend($a);
        $inner = new Fiber(function () use (&$a) { $a['inner'] = Fiber::suspend(); });
        $inner->start();
        $inner->resume($a);
        return $a;
    });
    $suspended = $fiber->start($a);
    $suspended[] = 'outside';
    $fiber->resume($suspended);
    return [$a, $suspended, $fiber->getReturn()];
};

compareOperations(arrayValues(), [
    'static variable' => fn($a) => [keepsStatic($a), keepsStatic(), $a],
    'static variable of a closure' => function ($a) {
        $f = function ($x = null) { static $s; $s ??= $x; $s[] = 1; return $s; }; return [$f($a), $f(), $a];
    },
    'by reference' => fn($a) => [byReference($a), $a],
    'by reference, a copy' => function ($a) { $b = $a; byReference($b); return [$a, $b]; },
    'by reference, an element' => function ($a) { $a['list'] = $a['list'] ?? []; byReference($a['list']); return $a; },
    'by reference, a property' => function ($a) {
        $o = (new Calls)->with($a); byReference($o->data); return [$a, $o->data];
    },
    'by reference, a static property' => function ($a) {
        Calls::$all = $a; byReference(Calls::$all); return [$a, Calls::$all];
    },
    'returned by reference' => function ($a) { $r = &returnsReference($a); $r = 'written'; return $a; },
    'returned by reference from a method' => function ($a) {
        $o = (new Calls)->with($a); $r = &$o->reference(); $r[] = 1; return [$a, $o->data];
    },
    'typed parameters' => fn($a) => [typed($a), typed($a, $a), $a],
    'typed spread' => fn($a) => typed([], [], ...array_filter($a, 'is_int')),
    'default parameter' => fn($a) => (function (array $x = [1]) { $x[] = 2; return $x; })($a),
    'named argument' => fn($a) => typed(value: $a, iterable: $a),
    'wrong type' => fn($a) => strlen($a),
    'closure by value' => function ($a) {
        $f = function () use ($a) { $a[] = 1; return $a; }; return [$f(), $f(), $a];
    },
    'closure by reference' => function ($a) {
        $f = function () use (&$a) { $a[] = 1; return count($a); }; return [$f(), $f(), $a];
    },
    'arrow function' => function ($a) { $f = fn($x) => [...array_values($a), $x]; return [$f(1), $f(2), $a]; },
    'closure called from an internal function' => function ($a) {
        $b = $a; array_map(function ($v) use (&$b) { $b[] = $v; }, [1, 2]); return [$a, $b];
    },
    'bound closure' => fn($a) => Closure::bind(function () use ($a) { $this->data = $a; $this->data[] = 1; return [$a, $this->data]; }, new Calls, Calls::class)(),
    'first-class callable' => function ($a) { $f = typed(...); return [$f($a), $a]; },
    'call_user_func' => fn($a) => [call_user_func('typed', $a), $a],
    'call_user_func, a reference' => function ($a) { return [call_user_func('byReference', $a), $a]; },
    'call_user_func_array, references' => function ($a) { call_user_func_array('byReference', [&$a]); return $a; },
    'call_user_func_array with its elements' => fn($a) => call_user_func_array(fn(&...$all) => $all, array_values($a)),
    'call_user_func_array, internal' => fn($a) => call_user_func_array('array_merge', array_filter(array_values($a), 'is_array')),
    'func_get_args' => fn($a) => (function () { $all = func_get_args(); $all[0][] = 1; return $all; })($a, $a),
    '__call' => fn($a) => [(new Calls)->method($a, ...array_values($a)), Calls::staticMethod($a), $a],
    '__call by an array' => fn($a) => call_user_func_array([new Calls, 'method'], array_values($a)),
    '__get' => function ($a) {
        $o = (new Calls)->with($a); $b = $o->anything; $b[] = 1; $o->x = $a; return [$a, $b, $o->data];
    },
    'indirect write through __get' => function ($a) {
        $o = (new Calls)->with($a); $o->anything[] = 1; return [$a, $o->data];
    },
    'method chain' => fn($a) => (new Calls)->with($a)->with([...$a, 'more' => 1])->data,
    'generator argument' => function ($a) {
        $g = (function (array $x) { $x[] = yield $x; yield $x; })($a); $b = $g->current(); $g->send('sent');
        return [$a, $b, $g->current()];
    },
    'generator delegating' => function ($a) {
        $inner = (fn($x) => yield from $x)($a);
        $outer = (function () use ($inner) { $r = yield from $inner; return $r; })();
        return [iterator_to_array($outer, false), $a];
    },
    'fiber' => $fiberWithArray,
    'fiber, exception' => function ($a) {
        $f = new Fiber(function () use ($a) { try { Fiber::suspend($a); } finally { $a[] = 'finally'; Fiber::suspend($a); } });
        $b = $f->start();
        try { $c = $f->throw(new Exception('x')); } catch (Exception $e) { $c = $e->getMessage(); }
        return [$a, $b, $c];
    },
    'variable variable' => function ($a) { $name = 'dynamic'; $$name = $a; $$name[] = 1; return [$a, $dynamic]; },
    'variable variable of its elements' => function ($a) {
        foreach ($a as $v) { if (is_string($v) && !in_array($v, ['a', 'v', 'this', ''], true)) { $$v = 1; } }
        $all = get_defined_vars(); unset($all['v']); return $all;
    },
    'variable named by an element' => function ($a) {
        $name = $a['name'] ?? 'none'; is_string($name) || $name = 'x'; $$name = $a;
        return [$$name === $a, ${$name}[0] ?? null];
    },
    '$GLOBALS' => function ($a) {
        $GLOBALS['global one'] = $a; $GLOBALS['global one'][] = 1; $b = $GLOBALS['global one'];
        unset($GLOBALS['global one']); return [$a, $b];
    },
    'global' => function ($a) {
        global $globalTwo; $globalTwo = $a; (function () { global $globalTwo; $globalTwo['x'] = 1; })();
        return [$a, $globalTwo, $globalTwo = null];
    },
    'superglobals' => function ($a) {
        $_GET = $a; $_GET['x']['y'] = 1; $_REQUEST += $a; $b = [$_GET, filter_input(INPUT_GET, 'name')];
        $_GET = $_REQUEST = []; return [$a, $b];
    },
    /* By string keys: define() copies an array that is counted, which makes it forget its next index. */
    'constant' => function ($a) {
        static $number = 0;
        $name = 'ARRAY_CONSTANT_' . $number++;
        define($name, $a);
        $b = constant($name);
        $b['new'] = 1;
        return [$a, $b, constant($name)];
    },
    'constant by eval' => function ($a) {
        static $number = 0; $name = 'EVAL_CONSTANT_' . $number++; define($name, $a);
        return eval("\$x = $name; \$x['new'] = 1; return [\$x, $name, {$name}[0] ?? null];");
    },
    'include returning it' => function ($a) {
        $GLOBALS['for include'] = $a; return include 'data://text/plain,<?php return $GLOBALS["for include"];';
    },
    'eval' => fn($a) => eval('$a[] = 1; return $a;'),
    'eval of its export' => fn($a) => eval('return ' . var_export($a, true) . ';') === $a,
    'gc_collect_cycles' => function ($a) {
        $o = new Recursive($a); $b = [$o, $a]; $b[] = &$b; unset($o, $b); gc_collect_cycles(); return $a;
    },
    'gc_collect_cycles, alive' => function ($a) {
        $o = new Recursive($a); $c = [$a, $o]; $c['self'] = &$c; gc_collect_cycles(); $o->data[] = 1;
        return [$a, $o->data, $c[0]];
    },
    'many references collected' => function ($a) {
        for ($i = 0; $i < 200; $i++) { $b = $a; $b['self'] = &$b; unset($b); } gc_collect_cycles(); return $a;
    },
    'exception trace' => function ($a) {
        try { (function (array $x) { throw new Exception; })($a); } catch (Exception $e) { $b = $e->getTrace()[0]['args'] ?? 0; return [$a, $b]; }
    },
    'try and finally' => function ($a) { try { return $a; } finally { $a[] = 'lost'; } },
    'debug_backtrace' => fn($a) => (fn($x) => debug_backtrace()[0]['args'])($a),
    'match' => fn($a) => match ($a) { [] => 'empty', [3, 10, 20] => 'numbers', $a => 'itself', default => 'other' },
    'match by another' => fn($a) => match (true) { $a === [] => 'empty', isset($a['name']) => 'name', default => 'other' },
    'switch' => function ($a) {
        switch ($a) { case []: return 'empty'; case true: return 'true'; default: return 'other'; }
    },
    'conversion' => fn($a) => [(bool) $a, (int) $a, (float) $a, (string) $a, "$a"],
    'arithmetic' => fn($a) => $a * 2,
    'increment' => function ($a) { $a++; return $a; },
    'destructor with it' => function ($a) {
        $log = [];
        $o = new class($a, $log) { public function __construct(private array $data, private array &$log) {} public function __destruct() { $this->data[] = 1; $this->log = $this->data; } };
        unset($o);
        return [$a, $log];
    },
    'unused and replaced' => function ($a) { $b = $a; $a = null; $b[] = 1; $a = $b; unset($b); return $a; },
    'assigned to itself' => function ($a) { $a = $a; $a[] = 1; $a = [$a, 'x' => $a]; return $a; },
    'a wide copy' => function ($a) {
        $all = array_fill(0, 50, $a); foreach ($all as $i => &$one) { $one[] = $i; }
        return [$a, count($all), $all[49]];
    },
    'array_key of a nested copy' => function ($a) {
        $b['x']['y'] = $a; $b['x']['y']['z'] = 1; $c = $b; $c['x']['y']['z'] = 2; return [$a, $b, $c];
    },
]);
?>
--EXPECT--
done
