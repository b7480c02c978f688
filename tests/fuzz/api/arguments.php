<?php
/*
 * Every function and method of the extension with arguments of any kind: what is not an answer of the declared type
 * must be a TypeError, a ValueError, an exception of the extension, or what the argument itself threw. No warning, no
 * crash, and what was stored stays what it was.
 *
 *   php -d extension=cache ... arguments.php [--seed=N] [--seconds=N] [--trace=FILE]    the last line of FILE: the call at hand
 */
declare(strict_types=0);

require __DIR__ . '/values.inc';

final class ThrownOnPurpose extends Exception
{
}

final class FuzzText
{
    public function __construct(private ?string $text)
    {
    }

    public function __toString(): string
    {
        return $this->text ?? throw new ThrownOnPurpose('by __toString()');
    }
}

final class FuzzThrowing
{
    public function __serialize(): array
    {
        throw new ThrownOnPurpose('by __serialize()');
    }
}

/* Deprecations are PHP's own, of a null or a float with a fraction for a parameter that takes none. */
set_error_handler(function (int $level, string $message): bool {
    if ($level === E_DEPRECATED) {
        return true;
    }
    throw new Error("$message (level $level)");
});

/** Something was found, or cannot be tried. */
function fail(string $text): never
{
    echo $text;
    exit(1);
}

function pick(array $from): mixed
{
    return $from[array_rand($from)];
}

function any_string(): string
{
    return pick(['', 'a', 'key', "k\0y", "\xff\xfe", str_repeat('x', 255), str_repeat('x', 256), str_repeat('x', 65535),
        str_repeat('x', 65536),
        str_repeat('y', 1 << 20), '0', '-1', '1e3', ' 5', '9223372036854775808', 'strtoupper', "\0", 'NAN',
            random_bytes(mt_rand(1, 40))]);
}

function any_number(): int|float
{
    return pick([0, 1, -1, 2, 60, PHP_INT_MAX, PHP_INT_MIN, PHP_INT_MAX - 1, 1 << 31, 1 << 32, -(1 << 32),
        (1 << 62) - 1, 1 << 62, 0.5, -0.5, -0.0,
        1e-9, 1e18, 1.7e308, -1e30, INF, -INF, NAN, 65536, 2147483648.5, mt_rand()]);
}

function any_value(int $depth = 0): mixed
{
    static $resource, $values;
    $resource ??= fopen('php://memory', 'r');
    $values ??= fuzz_values();
    return match (mt_rand(0, 13)) {
        0, 1 => any_string(),
        2, 3 => any_number(),
        4 => pick([true, false, null]),
        5 => $depth > 3 ? [] : array_map(fn() => any_value($depth + 1), range(0, mt_rand(0, 4))),
        6 => $depth > 3 ? [] : array_combine([any_string(), mt_rand()], [any_value($depth + 1), any_value($depth + 1)]),
        7 => new FuzzText(pick([null, '', 'text', str_repeat('t', 70000)])),
        8 => pick([fn() => 1, fn() => CACHE_KEEP, fn() => throw new ThrownOnPurpose('by a callback'), 'strlen',
            ['FuzzText', 'nothing']]),
        9 => pick([new FuzzThrowing(), new stdClass(), new ArrayIterator([1]), new SplObjectStorage(),
            new DateTimeZone('UTC')]),
        10 => $resource,
        11 => pick($values),
        12 => array_map(fn() => any_string(), range(0, mt_rand(0, 20))),
        13 => pick([new Cache\EntryIterator('nothing that is there'), (function () { yield 1; })(), opendir('/')]),
    };
}

/** What is meant for the parameter, or nearly, three times of four; never a long wait. */
function argument_for(ReflectionParameter $parameter): mixed
{
    $type = (string) $parameter->getType();
    if ($parameter->getName() === 'wait') {
        return pick([0, 0.0, 0.001, -1, NAN, -INF, '0', null, 'x', [], new FuzzText(null)]);
    }
    if (mt_rand(0, 3) === 0) {
        return any_value();
    }
    return match (true) {
        $type === 'callable' => pick([fn() => 5, fn() => CACHE_KEEP, 'strlen', 'no such function',
            fn() => throw new ThrownOnPurpose('by a callback')]),
        $parameter->getName() === 'tags' => pick([[], ['a'], array_map(fn() => any_string(), range(0, mt_rand(0, 20))),
            [1], [[]], [null]]),
        str_contains($type, 'array') && mt_rand(0, 1) === 1 => pick([[], ['a', 'b'], [1, 2], ['a' => any_value()],
            [any_value()], [any_string()]]),
        str_contains($type, 'string') => pick(['a', 'b', 'key', any_string()]),
        str_contains($type, 'int'), str_contains($type, 'float') => any_number(),
        $type === 'bool' => pick([true, false]),
        default => any_value(),
    };
}

function describe(mixed $value): string
{
    $text = is_string($value) || is_scalar($value) || $value === null ? var_export($value, true)
        : get_debug_type($value);
    return strlen($text) > 60 ? substr($text, 0, 60) . '...(' . strlen($text) . ')' : $text;
}

function fits(mixed $value, ?ReflectionType $type): bool
{
    if ($type === null) {
        return true;
    }
    foreach ($type instanceof ReflectionNamedType ? [$type] : $type->getTypes() as $one) {
        $name = $one->getName();
        if ($name === 'mixed' || ($value === null && ($one->allowsNull() || $name === 'void')) ||
            $name === get_debug_type($value) ||
            ($name === 'false' && $value === false)) {
            return true;
        }
    }
    return false;
}

/** Is it one that documentation rules out, whatever the others are? */
function is_ruled_out(string $function, ReflectionParameter $parameter, mixed $argument, mixed $prefix): bool
{
    /* With a prefix an empty one is the prefix. */
    $empty = $function === 'cache_fetch_entries' && !in_array($prefix, ['', false], true);
    $bad_key = fn(mixed $key) => is_string($key) && (($key === '' && !$empty) || strlen($key) > 65535);
    $bad_tag = fn(mixed $tag) => !is_string($tag) || $tag === '' || strlen($tag) > 255;
    $any = fn(array $list, callable $test) => array_filter($list, $test) !== [];
    $is_number = is_int($argument) || is_float($argument);
    switch ($parameter->getName()) {
        case 'key':
        case 'keys':
        case 'name':
            if (!is_array($argument)) {
                return $bad_key($argument);
            }
            return in_array($function, ['cache_store', 'cache_add'], true) ? $any(array_keys($argument), $bad_key)
                : $any($argument, fn(mixed $key) => $bad_key($key) || (!is_int($key) && !is_string($key)));
        case 'tags':
            return is_array($argument) ? $any($argument, $bad_tag) : is_string($argument) && $bad_tag($argument);
        case 'queue':
            return is_string($argument) && ($argument === '' || strlen($argument) > 255);
        case 'stamp':
            return is_int($argument) && $argument < 0;
        case 'ttl':
        case 'stale_ttl':
        case 'delay':
        case 'lease_ttl':
            return $is_number && !($argument >= 0);
        default:
            return false;
    }
}

/** What is wrong with the call; null: nothing. */
function call(callable $function, ReflectionFunctionAbstract $reflection, array $arguments): ?string
{
    $before = array_map(fn(mixed $argument) => $argument, $arguments);
    try {
        $result = $function(...$arguments);
    } catch (TypeError | ValueError | Cache\CacheException | ThrownOnPurpose) {
        return null;
    } catch (Throwable $e) {
        /* What a class says of itself that cannot be serialized is PHP's. */
        return str_contains($e->getMessage(), 'Serialization of') ? null : get_class($e) . ': ' . $e->getMessage();
    }
    foreach ($reflection instanceof ReflectionMethod ? [] : $reflection->getParameters() as $i => $parameter) {
        if (array_key_exists($i, $before) && is_ruled_out($reflection->getName(), $parameter, $before[$i], $before[2] ?? '')) {
            return "takes argument $i";
        }
    }
    return fits($result, $reflection->getReturnType()) ? null : 'answers ' . get_debug_type($result);
}

$options = getopt('', ['seed:', 'seconds:', 'trace:']);
$seed = (int) ($options['seed'] ?? random_int(1, 1 << 30));
$end = microtime(true) + (float) ($options['seconds'] ?? 5);
$trace = isset($options['trace']) ? fopen($options['trace'], 'w') : null;
ini_set('memory_limit', '2G');
ini_set('error_log', '/dev/null');
mt_srand($seed);
echo "seed $seed\n";
$extension = new ReflectionExtension('cache');
$functions = array_values(array_filter($extension->getFunctions(), fn($f) => $f->getName() !== 'cache_clear'));
$methods = (new ReflectionClass(Cache\EntryIterator::class))->getMethods();
$canaries = fuzz_values();
foreach ($canaries as $i => $value) {
    cache_store("canary $i", $value);
}
for ($calls = 0; microtime(true) < $end; $calls++) {
    $reflection = mt_rand(0, 9) ? pick($functions) : pick($methods);
    $arguments = [];
    $most = $reflection->getNumberOfParameters();
    $number = mt_rand(0, 19) === 0 ? mt_rand(0, $most + 1) : mt_rand($reflection->getNumberOfRequiredParameters(),
        $most);
    foreach ($reflection->getParameters() as $i => $parameter) {
        if ($parameter->getName() === 'wait') {
            $number = max($number, $i + 1); /* its default is seconds */
        }
    }
    for ($i = 0; $i < $number; $i++) {
        $arguments[$i] = $i < $most ? argument_for($reflection->getParameters()[$i]) : any_value();
        if (mt_rand(0, 30) === 0) {
            $kept = $arguments[$i];
            $arguments[$i] = &$kept;
            unset($kept);
        }
    }
    $name = $reflection->getName();
    $text = $name . '(' . implode(', ', array_map(describe(...), $arguments)) . ')';
    if ($trace) {
        fwrite($trace, "$text\n");
    }
    /* By reference where the function takes a reference: then into a variable of any kind. */
    $by_reference = [];
    foreach ($arguments as $i => $argument) {
        $by_reference[$i] = &$arguments[$i];
    }
    if ($reflection instanceof ReflectionMethod) {
        $object = new Cache\EntryIterator('canary');
        $wrong = call([$object, $name], $reflection, $by_reference);
    } else {
        $wrong = call($name, $reflection, $by_reference);
    }
    if ($wrong !== null) {
        fail("$text\n  $wrong\n");
    }
    if ($calls % 500 === 0) {
        cache_clear();
        foreach ($canaries as $i => $value) {
            cache_store("canary $i", $value);
        }
    } elseif ($calls % 50 === 0) {
        $i = array_rand($canaries);
        if (!fuzz_same(cache_fetch("canary $i"), $canaries[$i])) {
            fail("canary $i is another value after $text\n");
        }
    }
    while (mt_rand(0, 20) === 0 && cache_lock_release('a')) {
    }
}
echo "$calls calls, nothing found\n";
exit(0);
