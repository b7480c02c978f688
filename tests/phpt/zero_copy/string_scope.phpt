--TEST--
A fetched string goes through variables, calls and output as an ordinary one does, and the cached one stays
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-zero-copy-string-scope${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/compare.inc';

class Carrier
{
    public static ?string $static = null;
    public function __construct(public string $text = '', public readonly ?string $fixed = null) {}
    public function __toString(): string { return $this->text; }
    public function &reference(): string { return $this->text; }
}

class Strict
{
    public string|int $either = 0;
    public ?float $number = null;
    public iterable|bool $other = false;
}

function byReference(string &$text): int
{
    $text = "[$text]";
    return strlen($text);
}

function keepsStatic(?string $text = null): string
{
    static $kept = '';
    $text === null || $kept = $text;
    return $kept .= '.';
}

compareOperations(stringValues(), [
    'var_dump' => var_dump(...),
    'var_dump in an array' => fn($s) => var_dump([$s, $s => $s]),
    'print_r' => print_r(...),
    'var_export' => fn($s) => var_export($s, true),
    'echo' => function ($s) { echo $s, $s, "$s\n"; },
    'print' => fn($s) => print $s,
    'serialize' => serialize(...),
    'serialize, many times' => fn($s) => unserialize(serialize([$s, $s, [$s => $s]])),
    'unserialize of it' => fn($s) => unserialize($s),
    'json_encode' => fn($s) => [
        json_encode($s),
        json_encode($s, JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_NUMERIC_CHECK),
        json_last_error_msg(),
    ],
    'json_encode, substitute' => fn($s) => json_encode([$s => $s], JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES),
    'json_decode of it' => fn($s) => [json_decode($s), json_decode($s, true), json_last_error_msg()],
    'igbinary' => fn($s) => function_exists('igbinary_serialize') ? igbinary_unserialize(igbinary_serialize([$s, $s => $s])) : null,
    'equal' => fn($s) => [
        $s == $s, $s == "$s", $s == $s . 'x', $s == 'Hello', $s == 42, $s == 1500, $s == null, $s == true,
        $s == '1500', $s == '4.2e1',
    ],
    'identical' => fn($s) => [$s === $s, $s === "$s", $s === substr($s . 'x', 0, -1), $s === 'Hello', $s === 42],
    'spaceship' => fn($s) => [
        $s <=> 'Hello', 'Hello' <=> $s, $s <=> $s, $s <=> 42, $s <=> null, $s <=> [], $s <=> true,
    ],
    'less' => fn($s) => [$s < 'b', $s > 'b', $s <= $s, $s >= 42, max($s, 'b', 7), min($s, 'b', 7)],
    'sorted with others' => function ($s) {
        $a = [$s, 'Hello', 42, "$s", 'b', null, 1.5]; sort($a); $b = $a; sort($b, SORT_STRING); natsort($a);
        return [$a, $b];
    },
    'equal in an object' => fn($s) => [
        new Carrier($s) == new Carrier("$s"), (object) ['x' => $s] == (object) ['x' => $s],
    ],
    'static variable' => fn($s) => [keepsStatic($s), keepsStatic(), $s],
    'by reference' => fn($s) => [byReference($s), $s],
    'by reference, a copy' => function ($s) { $t = $s; byReference($t); return [$s, $t]; },
    'by reference, an element' => function ($s) { $a = [$s, $s]; byReference($a[1]); return $a; },
    'by reference, a property' => function ($s) { $c = new Carrier($s); byReference($c->text); return [$s, $c->text]; },
    'by reference, a static property' => function ($s) {
        Carrier::$static = $s; byReference(Carrier::$static); return [$s, Carrier::$static];
    },
    'returned by reference' => function ($s) {
        $c = new Carrier($s); $r = &$c->reference(); $r .= 'X'; return [$s, $c->text];
    },
    'readonly property' => function ($s) {
        $c = new Carrier('', $s);
        try { $c->fixed .= 'X'; } catch (Error $e) { return [$e->getMessage(), $c->fixed]; }
    },
    'typed properties' => function ($s) { $o = new Strict; $o->either = $s; $o->either .= 'X'; return [$s, $o]; },
    'typed property, converted' => function ($s) { $o = new Strict; $o->number = $s; return $o; },
    'typed property, boolean' => function ($s) { $o = new Strict; $o->other = $s; return $o; },
    '__toString' => fn($s) => [
        (string) new Carrier($s), new Carrier($s) . 'X', strtoupper(new Carrier($s)),
        in_array($s, [new Carrier($s)]),
    ],
    'closure by value' => function ($s) { $f = function () use ($s) { return $s .= 'X'; }; return [$f(), $f(), $s]; },
    'closure by reference' => function ($s) {
        $f = function () use (&$s) { return $s .= 'X'; }; return [$f(), $f(), $s];
    },
    'arrow function' => function ($s) { $f = fn($x) => $s .= $x; return [$f('X'), $f('Y'), $s]; },
    'generator' => function ($s) {
        $g = (function ($x) { $x .= yield $x; yield $x => $x; return $x; })($s); $t = $g->current();
        $u = $g->send('sent'); $g->next(); return [$s, $t, $u, $g->getReturn()];
    },
    'fiber' => function ($s) {
        $f = new Fiber(function ($x) { $x .= Fiber::suspend($x); return $x; }); $t = $f->start($s); $t .= 'Y';
        $f->resume('X'); return [$s, $t, $f->getReturn()];
    },
    'call_user_func_array' => fn($s) => [
        call_user_func_array('strrev', [$s]), call_user_func('strlen', $s), array_map('strlen', [$s]),
    ],
    'func_get_args' => fn($s) => (function () { $a = func_get_args(); $a[0] .= 'X'; return $a; })($s, $s),
    'spread of its characters' => fn($s) => [...str_split($s ?: 'x', 500)],
    'exception message' => fn($s) => throw new Exception($s),
    'exception as a string' => fn($s) => [
        (new Exception($s, 5))->getMessage(), (new ErrorException($s, 1, 1, $s, 7))->getFile(),
        (new Exception($s, 0, new Error($s)))->getPrevious()->getMessage(),
    ],
    'warning' => fn($s) => trigger_error($s),
    'warning, deprecated' => fn($s) => trigger_error("<$s>", E_USER_DEPRECATED),
    'error_get_last' => function ($s) { error_clear_last(); return [error_get_last(), $s]; },
    'assert message' => fn($s) => assert(true, $s),
    'eval of its export' => fn($s) => eval('return ' . var_export($s, true) . ';') === $s,
    'eval of it' => fn($s) => eval($s),
    'compact' => fn($s) => compact('s'),
    'global' => function ($s) {
        global $text; $text = $s; (function () { global $text; $text .= 'X'; })(); return [$s, $text];
    },
    'superglobals' => function ($s) {
        $_POST['x'] = $s; $_POST['x'] .= 'X'; $_SERVER["X_$s"] = $s; $a = [$_POST, $_SERVER["X_$s"]]; $_POST = [];
        unset($_SERVER["X_$s"]); return $a;
    },
    'output buffer' => function ($s) { ob_start(); echo $s; $t = ob_get_clean(); $t .= 'X'; return [$s, $t]; },
    'output callback' => function ($s) { ob_start(fn($buffer) => $s . $buffer); echo $s; ob_end_flush(); },
    'headers' => fn($s) => [@header("X-Test: $s"), headers_sent(), header_remove('X-Test')],
    'setlocale' => fn($s) => [@setlocale(LC_CTYPE, $s), setlocale(LC_CTYPE, 'C')],
    'putenv' => function ($s) {
        return [str_contains($s, "\0") ?: putenv("CACHE_TEST_VARIABLE=$s"), getenv('CACHE_TEST_VARIABLE'), putenv('CACHE_TEST_VARIABLE')];
    },
    'ini_set' => function ($s) {
        $old = ini_set('user_agent', $s); $new = ini_get('user_agent'); $new .= 'X';
        return [ini_set('user_agent', (string) $old), $new];
    },
    'set_include_path' => function ($s) {
        $result = [set_include_path($s), get_include_path()]; ini_restore('include_path'); return $result;
    },
    'stream wrapper' => function ($s) {
        $c = stream_context_create(['http' => ['header' => $s, $s => $s]], ['notification' => null]);
        return stream_context_get_options($c);
    },
    'stream wrapper, not there' => fn($s) => @file_get_contents("$s://x"),
    'include' => fn($s) => (@include "data:text/plain,<?php return " . rawurlencode(var_export($s, true)) . ';') === $s,
    'Reflection' => fn($s) => [(new ReflectionObject(new Carrier($s)))->getProperty('text')->getValue(new Carrier($s))],
    'SPL containers' => function ($s) {
        $q = new SplQueue; $q[] = $s; $f = SplFixedArray::fromArray([$s]); $h = new SplMaxHeap; $h->insert($s);
        return [$q->pop(), $f[0], $h->top()];
    },
    'SplPriorityQueue' => function ($s) {
        $q = new SplPriorityQueue; $q->insert($s, $s); $q->insert('x', 'Hello');
        $q->setExtractFlags(SplPriorityQueue::EXTR_BOTH); return [$q->extract(), $q->extract()];
    },
    'SplTempFileObject' => function ($s) {
        $f = new SplTempFileObject; $f->fwrite($s); $f->rewind(); return [$f->fgets(), $f->fread(10)];
    },
    'ArrayIterator of its characters' => fn($s) => iterator_to_array(new ArrayIterator(str_split(substr($s, 0, 30) ?: 'x'))),
    'gc_collect_cycles' => function ($s) {
        $a = [$s]; $a['self'] = &$a; $a['key'][$s] = $s; unset($a); gc_collect_cycles(); return $s;
    },
    'destructor' => function ($s) {
        $log = '';
        $o = new class($s, $log) { public function __construct(private string $text, private string &$log) {} public function __destruct() { $this->log = $this->text . '.'; } };
        unset($o);
        return [$s, $log];
    },
    'memory of many copies' => function ($s) {
        $a = []; for ($i = 0; $i < 200; $i++) { $a[] = $s; } $a[50] .= 'X'; return [$a[49] === $a[51], $a[50]];
    },
    'stored again' => function ($s) {
        cache_store('again', $s); $t = cache_fetch('again'); $t .= 'X'; return [$t, cache_fetch('again') === $s];
    },
    'stored again in parts' => function ($s) {
        cache_store('again', [$s, $s => [$s, substr($s, 1)]]); $a = cache_fetch('again'); $a[0] .= 'X';
        return [$a, cache_fetch('again')];
    },
    'counter named by it' => fn($s) => [
        cache_inc("n$s", 2), cache_cas("n$s", 2, 5), cache_fetch("n$s"), cache_delete("n$s"),
    ],
    'pattern of the iterator' => fn($s) => count(new Cache\EntryIterator(pattern: $s)) >= 0,
    'prefix of the iterator' => fn($s) => iterator_to_array(new Cache\EntryIterator(prefix: "none$s")),
]);
?>
--EXPECT--
done
