<?php
/*
 * Cache\EntryIterator with prefixes, patterns and chunks at random, against preg_match() and str_starts_with() over an
 * array.
 *
 *   php -d extension=cache ... patterns.php [--seed=N] [--seconds=N]
 */
declare(strict_types=1);

/** Something was found, or cannot be tried. */
function fail(string $text): never
{
    echo $text;
    exit(1);
}

function pick(array $from): mixed
{
    return $from[mt_rand(0, count($from) - 1)];
}

function any_key(): string
{
    return pick(['user', 'page', "b\0n", "\xff", 'Ünï', '', 'user:']) . pick([':', '', '/', "\n"]) . pick([mt_rand(0,
        40), 'x', str_repeat('long', 60), "\x80"]);
}

/** Pieces of expressions, put together without care: some are none. */
function any_pattern(): string
{
    $parts = array_map(fn() => pick(['user', '.', '.*', '\d', '\d+', '[a-p]', '(?:x|y)', '(', ')', '^', '$', '\x00',
        '\xff', 'a{2,3}', '(?<n>p)', '[', '\\',
        '(?i)', '\R', 'ü', '(?=u)', '(a+)+$', '\p{L}', '*', '|', '/', '\b', '(?R)?', '++']), range(1, mt_rand(1, 5)));
    $delimiter = pick(['/', '#', '~', '{', 'x', ' ', '\\', "\0", '']);
    return $delimiter . implode('', $parts) . ($delimiter === '{' ? '}' : $delimiter) . pick(['', '', 'i', 'u', 's',
        'x', 'D', 'A', 'm', 'U', 'zz', "i\0", 'e']);
}

$options = getopt('', ['seed:', 'seconds:']);
$seed = (int) ($options['seed'] ?? random_int(1, 1 << 30));
$end = microtime(true) + (float) ($options['seconds'] ?? 5);
mt_srand($seed);
echo "seed $seed\n";
cache_clear();
$keys = [];
for ($walks = $refused = $yields = 0; microtime(true) < $end; $walks++) {
    for ($i = mt_rand(0, 20); $i > 0; $i--) {
        $key = any_key();
        if ($key !== '' && mt_rand(0, 9) && cache_store($key, $key)) {
            $keys[$key] = true;
        } elseif ($key !== '') {
            cache_delete($key);
            unset($keys[$key]);
        }
    }
    $prefix = pick([null, null, '', 'u', 'user', "b\0", "\xff", any_key(), str_repeat('z', 300)]);
    $pattern = mt_rand(0, 2) ? any_pattern() : null;
    $chunk = pick([1, 2, 3, 7, 100, 10000, 0, -1, PHP_INT_MAX]);
    $values = mt_rand(0, 1) === 1;
    $known = array_map(strval(...), array_keys($keys));
    $wanted = array_filter($known, fn(string $key) => str_starts_with($key, $prefix ?? ''));
    /* Whether it can be compiled is told by matching anything. */
    $compiles = $pattern === null || @preg_match($pattern, '') !== false || preg_last_error() !== PREG_INTERNAL_ERROR;
    $invalid = !$compiles || $chunk < 1 || $chunk > 10000;
    $call = json_encode([$prefix, $pattern, $values, $chunk], JSON_INVALID_UTF8_SUBSTITUTE);
    try {
        $iterator = new Cache\EntryIterator($prefix, $pattern, $values, $chunk);
    } catch (ValueError $e) {
        if (!$invalid) {
            fail("$call is refused: {$e->getMessage()}\n");
        }
        $refused++;
        continue;
    }
    if ($invalid) {
        fail("$call is not refused\n");
    }
    if ($pattern !== null) {
        $wanted = array_filter($wanted, fn(string $key) => @preg_match($pattern, $key) === 1);
    }
    $found = [];
    foreach ($iterator as $key => $entry) {
        $found[] = $key;
        if ($entry['key'] !== $key || ($values ? $entry['value'] !== $key : array_key_exists('value', $entry))) {
            fail("$call: the entry of " . json_encode($key) . " is another one\n");
        }
    }
    sort($found, SORT_STRING);
    sort($wanted, SORT_STRING);
    if ($found !== array_values($wanted) || count($iterator) !== count($wanted)) {
        fail("$call: found " . count($found) . ', wanted ' . count($wanted) . ', counted ' . count($iterator)
            . ', differ: ' .
            json_encode([array_values(array_diff($found, $wanted)), array_values(array_diff($wanted, $found))],
                JSON_INVALID_UTF8_SUBSTITUTE) . "\n");
    }
    $yields += count($found);
    if (mt_rand(0, 9) === 0) {
        cache_delete($iterator);
        $keys = array_diff_key($keys, array_flip($wanted));
        if (count($iterator) !== 0) {
            fail("$call: something is left after its deletion\n");
        }
    }
}
if ($yields === 0 || $refused === 0) {
    fail("nothing was tried\n");
}
echo "$walks walks, $yields entries, $refused refused, no difference\n";
exit(0);
