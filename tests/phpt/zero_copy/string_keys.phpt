--TEST--
A fetched string names elements, properties, variables, constants, functions and classes as an ordinary one does
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-zero-copy-string-keys${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/compare.inc';

#[AllowDynamicProperties]
class Named
{
    public $Hello = 'a declared property';
    public static $short = 'a static property';
    public array $log = [];
    const Hello = 'a class constant';
    public function Hello(...$all): string { return 'a method'; }
    public static function strtoupper(...$all): string { return 'a static method'; }
    public function __call(string $name, array $arguments): string { return "__call $name"; }
    public static function __callStatic(string $name, array $arguments): string { return "__callStatic $name"; }
}

class Magic implements ArrayAccess
{
    private array $data = [];
    public function __get(string $name): mixed { return $this->data[$name] ?? "no $name"; }
    public function __set(string $name, mixed $value): void { $this->data[$name] = $value; }
    public function __isset(string $name): bool { return isset($this->data[$name]); }
    public function __unset(string $name): void { unset($this->data[$name]); }
    public function offsetGet(mixed $key): mixed { return $this->data[$key] ?? null; }
    public function offsetSet(mixed $key, mixed $value): void { $key === null ? $this->data[] = $value : $this->data[$key] = $value; }
    public function offsetExists(mixed $key): bool { return isset($this->data[$key]); }
    public function offsetUnset(mixed $key): void { unset($this->data[$key]); }
}

enum Suit: string
{
    case Hello = 'Hello';
    case Answer = '42';
}

function named(string $Hello = '', string ...$more): array
{
    return [$Hello, $more];
}

/* A name that can be declared, unique in this run. */
$unique = function (string $s): string {
    static $number = 0;
    return 'N' . $number++ . '_' . substr(bin2hex($s), 0, 20);
};

compareOperations(stringValues(), [
    'key of an array' => fn($s) => [$s => 1],
    'key of an array, written' => function ($s) {
        $a = []; $a[$s] = 1; $a[$s] .= 'X'; $a[$s] = $s; return [$a, $a[$s], isset($a[$s])];
    },
    'key of an array, nested' => function ($s) {
        $a = []; $a[$s][$s][$s] = $s; $a[$s][] = 1; return [$a, $a[$s][$s][$s]];
    },
    'key of an array, unset' => function ($s) { $a = [$s => 1, 'Hello' => 2, 42 => 3]; unset($a[$s]); return $a; },
    'key of an array, looked up' => function ($s) {
        $a = ['Hello' => 1, 42 => 2, '' => 3, 'a' => 4];
        return [$a[$s] ?? 'none', isset($a[$s]), array_key_exists($s, $a), empty($a[$s])];
    },
    'key of an array, by reference' => function ($s) { $a = []; $r = &$a[$s]; $r = 1; return $a; },
    'key of an array, prefixed' => function ($s) {
        $a = ["x$s" => 1, $s . 'x' => 2]; return [$a["x$s"], $a[$s . 'x'], $a];
    },
    'key of an array, in foreach' => function ($s) {
        $a = [$s => 1, "y$s" => 2]; $b = []; foreach ($a as $k => $v) { $b["$k"] = $v; $k .= 'X'; $b[$k] = $v; }
        return $b;
    },
    'key of an array, sorted' => function ($s) {
        $a = [$s => 1, 'Hello' => 2, 'b' => 3, 7 => 4]; ksort($a); $b = $a; krsort($a, SORT_STRING);
        return [$a, $b];
    },
    'key of an array, many' => function ($s) {
        $a = []; for ($i = 0; $i < 100; $i++) { $a["$s$i"] = $i; } return [$a["{$s}50"], count($a)];
    },
    'key of an array, copied' => function ($s) { $a = [$s => [1]]; $b = $a; $b[$s][] = 2; return [$a, $b]; },
    'key of an array that is the value' => function ($s) {
        $a = [$s => $s]; foreach ($a as $k => $v) { return [$k === $v, (string) $k === $v, $k]; }
    },
    'key of an array, read' => fn($s) => ['Hello' => 1, 42 => 2][$s] ?? 'none',
    'key of an array that is not there' => fn($s) => [1, 2][$s],
    'array_flip' => fn($s) => array_flip([$s, $s, "x$s"]),
    'array_combine' => fn($s) => array_combine([$s, 'x'], ['x', $s]),
    'array_fill_keys' => fn($s) => array_fill_keys([$s, 'x'], $s),
    'array_count_values' => fn($s) => array_count_values([$s, $s, 'x']),
    'array_unique' => fn($s) => array_unique([$s, "$s", $s . 'x', substr($s . 'x', 0, -1)]),
    'array_column' => fn($s) => [
        array_column([[$s => 1, 'x' => $s]], $s, 'x'), array_column([[$s => 1, 'x' => $s]], 'x', $s),
    ],
    'array_key_exists' => fn($s) => [
        array_key_exists($s, ['Hello' => 1]), array_key_exists($s, [$s => null]), key_exists($s, ['x' => 1]),
    ],
    'array_search' => fn($s) => [
        array_search($s, ['a', $s, 'b']), in_array($s, ['Hello', 42], true), in_array($s, ['Hello', 42, 0]),
    ],
    'array_merge' => fn($s) => [
        array_merge([$s => 1], [$s => 2]), array_merge_recursive([$s => 1], [$s => 2]), [$s => 1] + [$s => 2],
    ],
    'array_replace and diff' => fn($s) => [
        array_replace([$s => 1], [$s => 2]), array_diff_key([$s => 1, 'x' => 2], [$s => 0]),
        array_intersect_key([$s => 1], ['Hello' => 0]),
    ],
    'array_diff' => fn($s) => [
        array_diff([$s, 'x'], ["$s"]), array_intersect([$s, 'x'], [$s]), array_diff_assoc([$s => $s], [$s => 'x']),
    ],
    'array_change_key_case' => fn($s) => array_change_key_case([$s => $s], CASE_UPPER),
    'array_walk with it' => function ($s) {
        $a = [$s => 1]; array_walk($a, function (&$v, $k, $x) { $v = $k . $x; }, $s); return $a;
    },
    'extract and compact' => function ($s) {
        $Hello = 'variable'; return [extract([$s => 1], EXTR_PREFIX_ALL, 'p'), $Hello, @compact($s)];
    },
    'range of it' => fn($s) => range($s[0] ?? 'a', 'e'),
    'property' => function ($s) { $o = new Named; $o->$s = 1; $o->$s .= 'X'; return [$o, $o->$s, isset($o->$s)]; },
    'property of stdClass' => function ($s) {
        $o = new stdClass; $o->{$s} = [$s]; $o->{$s}[] = 1; $p = clone $o; unset($p->{$s});
        return [(array) $o, (array) $p];
    },
    'property, read' => fn($s) => [(new Named)->$s ?? 'none', property_exists('Named', $s), isset((new Named)->$s)],
    'property, by reference' => function ($s) {
        $o = new stdClass; $r = &$o->$s; $r = 'by reference'; return (array) $o;
    },
    'property, cast' => fn($s) => (array) (object) [$s => $s],
    'property, foreach' => function ($s) {
        $b = []; foreach ((object) [$s => 1] as $k => $v) { $b[] = $k; } return $b;
    },
    'property, magic' => function ($s) {
        $o = new Magic; $o->$s = $s; $a = [$o->$s, isset($o->$s)]; unset($o->$s); return [$a, $o->$s];
    },
    'property, nullsafe' => fn($s) => (new Magic)?->$s,
    'property, Reflection' => fn($s) => (new ReflectionProperty('Named', $s))->getValue(new Named),
    'static property' => fn($s) => Named::$$s,
    'element of ArrayAccess' => function ($s) {
        $o = new Magic; $o[$s] = $s; $a = $o[$s]; unset($o[$s]); return [$a, $o[$s], isset($o[$s])];
    },
    'element of ArrayObject' => function ($s) {
        $o = new ArrayObject; $o[$s] = $s; $o[$s] .= 'X';
        return [$o->getArrayCopy(), isset($o[$s]), $o->offsetExists("$s")];
    },
    'element of SplFixedArray' => function ($s) { $f = new SplFixedArray(50); $f[$s] = 'set'; return $f[$s]; },
    'element of SplObjectStorage' => function ($s) {
        $m = new SplObjectStorage; $m[$o = new stdClass] = $s; $t = $m[$o]; $t .= 'X'; return [$m[$o], $t];
    },
    'method' => fn($s) => (new Named)->$s(),
    'static method' => fn($s) => Named::$s(),
    'method by an array' => fn($s) => [
        is_callable([new Named, $s]), call_user_func([new Named, $s], 1), [new Named, $s](1),
    ],
    'method, static by an array' => fn($s) => [call_user_func(['Named', $s], 1), method_exists('Named', $s)],
    'function' => fn($s) => $s === 'strtoupper' ? [$s('x'), call_user_func($s, 'x'), array_map($s, ['x'])] : null,
    'function, does it exist' => fn($s) => [function_exists($s), is_callable($s), is_callable($s, true, $name), $name],
    'function, Closure' => fn($s) => $s === 'strtoupper' ? [Closure::fromCallable($s)('x'), (new ReflectionFunction($s))->getName()] : null,
    'function, not there' => fn($s) => $s === 'strtoupper' ? 0 : $s(),
    'array_map by name' => fn($s) => array_map($s, ['x']),
    'usort by name' => function ($s) { $a = ['b', 'a']; usort($a, $s); return $a; },
    'named argument' => fn($s) => named(...[$s => 'named']),
    'named argument, call_user_func_array' => fn($s) => call_user_func_array('named', [$s => $s, 'more' => $s]),
    'class' => fn($s) => $s === 'ArrayObject' ? [(new $s([1]))->getArrayCopy(), $s::STD_PROP_LIST, new $s instanceof $s, is_a(new $s, $s), is_subclass_of(new $s, $s)] : null,
    'class, does it exist' => fn($s) => [
        class_exists($s), interface_exists($s), enum_exists($s), is_a('ArrayObject', $s, true),
        is_subclass_of('ArrayObject', $s),
    ],
    'class, instanceof' => fn($s) => [new ArrayObject instanceof $s, new stdClass instanceof $s],
    'class, Reflection' => fn($s) => (new ReflectionClass($s))->getName(),
    'class, not there' => fn($s) => new $s . 'x',
    'class constant' => fn($s) => constant("Named::$s"),
    'class, autoloaded' => function ($s) {
        $asked = [];
        spl_autoload_register($load = function ($name) use (&$asked) { $asked[] = $name; });
        class_exists($s);
        class_exists("No$s");
        spl_autoload_unregister($load);
        return $asked;
    },
    'class alias' => function ($s) use ($unique) {
        $name = $unique($s);
        return [class_alias('Named', $name), (new $name)->Hello(), class_exists(strtolower($name))];
    },
    'class by eval' => function ($s) use ($unique) {
        $name = $unique($s); eval("class $name { public \$text = " . var_export($s, true) . '; }');
        return (new $name)->text;
    },
    'enum' => fn($s) => [Suit::tryFrom($s), Suit::from($s)],
    'enum by name' => fn($s) => [defined("Suit::$s"), constant("Suit::$s")],
    'constant' => function ($s) use ($unique) {
        $name = $unique($s);
        return [define($name, $s), constant($name) === $s, defined($name), eval("return $name . 'X';")];
    },
    'constant, not there' => fn($s) => [defined($s), constant($s)],
    'constant named by it' => function ($s) use ($unique) {
        $name = "$s\\" . $unique($s); return [define($name, 1), defined($name)];
    },
    'variable variable' => function ($s) {
        $Hello = 'variable'; $t = $$s ?? 'none'; $name = "v$s"; $$name = $s; $$name .= 'X'; return [$t, $$name];
    },
    'variable variable, unset' => function ($s) { $name = "v$s"; $$name = 1; unset($$name); return isset($$name); },
    '$GLOBALS' => function ($s) {
        $GLOBALS["g$s"] = $s; $GLOBALS["g$s"] .= 'X'; $t = $GLOBALS["g$s"]; unset($GLOBALS["g$s"]); return $t;
    },
    'global' => function ($s) {
        global ${"h$s"}; ${"h$s"} = $s; $t = $GLOBALS["h$s"]; unset($GLOBALS["h$s"]); return $t;
    },
    'static variable' => function ($s) { static $all = []; $all[$s] = $s; return end($all); },
    'switch' => function ($s) {
        switch ($s) { case 'Hello': return 1; case '42': return 2; case '0042': return 3; case '': return 4; default: return 5; }
    },
    'switch on integers' => function ($s) {
        switch ($s) { case 42: return 1; case 0: return 2; case 1500: return 3; default: return 4; }
    },
    'switch, many' => function ($s) {
        switch ($s) { case 'a': case 'b': return 1; case 'Hello': case 'strtoupper': case 'ArrayObject': return 2; case 'x': return 3; }
        return 4;
    },
    'match' => fn($s) => match ($s) { 'Hello' => 1, '42', '43' => 2, '' => 3, 'a' => 4, default => 5 },
    'match by itself' => fn($s) => match ("$s") { $s => 'same', default => 'other' },
    'match without default' => fn($s) => match ($s) { 'Hello' => 1, '42' => 2 },
    'SplObjectStorage and WeakMap keys' => function ($s) {
        $o = (object) [$s => $s]; $m = new WeakMap; $m[$o] = $s; return $m[$o] . count($m);
    },
    'ini name' => fn($s) => [ini_get($s), ini_set($s, $s)],
    'stream wrapper' => fn($s) => [
        in_array($s, stream_get_wrappers(), true),
        @stream_wrapper_register($s, 'Named') && stream_wrapper_unregister($s),
    ],
    'stream filter' => fn($s) => [
        in_array($s, stream_get_filters(), true), stream_filter_register($unique($s) . ".$s", 'php_user_filter'),
    ],
    'hash by name' => fn($s) => in_array($s, hash_algos(), true),
    'environment name' => fn($s) => [getenv($s), getenv("X$s")],
    'session name' => fn($s) => function_exists('session_name') ? @session_name($s) !== '' : null,
    'json keys' => fn($s) => [json_encode([$s => $s]), json_encode((object) [$s => 1]), json_last_error_msg()],
    'http_build_query' => fn($s) => http_build_query([$s => [$s => $s], 'x' => $s]),
    'unserialize' => fn($s) => unserialize(serialize([$s => $s, 'x' => (object) [$s => [$s]]])),
    'var_export' => fn($s) => var_export([$s => $s], true) . print_r([$s => $s], true),
    'stored under it' => fn($s) => [
        cache_store($s === '' ? 'e' : $s, $s), cache_fetch($s === '' ? 'e' : $s) === $s,
        cache_exists([$s === '' ? 'e' : $s]),
    ],
    'stored in an array by it' => function ($s) {
        cache_store('array', [$s => [$s => $s]]); $a = cache_fetch('array'); $a[$s][] = 1;
        return [$a, cache_fetch('array')];
    },
    'tag' => fn($s) => [cache_store('tagged', 1, tags: ["t$s"]), cache_key_info('tagged')['tags'] === ["t$s"]],
]);
?>
--EXPECT--
done
