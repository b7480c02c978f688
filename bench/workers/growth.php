<?php
/*
 * growth.php CASE N CHUNKS LIBRARY...: how the cost of a call grows. CASE
 *   entries  with N entries, strings of 20 bytes: a fetch, a miss and a store, of keys at random
 *   value    a string of N bytes: a fetch and a store
 * Prints nanoseconds a call, by name and by library: medians of chunks that take turns, the empty loop subtracted; and under "first"
 * how long the first call took, which makes the segment, in microseconds.
 */
declare(strict_types=1);

$before = hrtime(true);
cache_enabled();
$first = (hrtime(true) - $before) / 1e3;

require __DIR__ . '/../lib/timing.php';

/** Functions of the number of calls, as those of bench/lib/timing.php. */
function growing(Closure $call): Closure
{
    static $order = null;
    $order ??= array_map(static fn (): int => mt_rand(), range(1, 8192));

    return static function (int $calls, int $first) use ($call, $order): int {
        $start = hrtime(true);
        for ($i = 0; $i < $calls; ++$i) {
            $call($order[$first + $i & 8191]);
        }

        return hrtime(true) - $start;
    };
}

[, $case, $number, $chunks] = $argv;
$number = (int) $number;
mt_srand(42);
$functions = ['' => growing(static fn (int $random) => 'entry:' . $random % $number)];
$value = str_repeat('x', $case === 'entries' ? 20 : $number);
foreach (array_slice($argv, 4) as $library) {
    [$fetch, $store] = ["{$library}_fetch"(...), "{$library}_store"(...)];
    if ($case === 'entries') {
        for ($i = 0; $i < $number; ++$i) {
            if (!$store("entry:$i", $value)) {
                fail("$library does not store all entries");
            }
        }
        $functions["fetch $library"] = growing(static fn (int $random) => $fetch('entry:' . $random % $number));
        $functions["miss $library"] = growing(static fn (int $random) => $fetch('other:' . $random % $number));
        $functions["store $library"] = growing(static fn (int $random) => $store('entry:' . $random % $number, $value));
        if ($fetch('entry:' . intdiv($number, 2)) !== $value) {
            fail("$library has lost an entry");
        }
    } else {
        // Under two keys: a process on the command line holds what it has fetched, and of values that are always new soon too much.
        if (!$store('fetched', $value) || $fetch('fetched') !== $value || !$store('stored', $value)) {
            fail("$library does not answer as it should");
        }
        $functions["fetch $library"] = growing(static fn (int $random) => $fetch('fetched'));
        $functions["store $library"] = growing(static fn (int $random) => $store('stored', $value));
    }
}
if ($case === 'value') {
    $functions[''] = growing(static fn (int $random) => 'stored');
}
$calls = array_map(static fn (Closure $function): int => callsOfChunk(static fn (int $calls): int => $function($calls, 0)), $functions);
$results = [];
foreach (timed($functions, $calls, (int) $chunks) as $name => $figures) {
    [$what, $library] = explode(' ', $name);
    $results[$what][$library] = (float) $figures['p50'];
}
echo json_encode(['times' => $results, 'first' => $first], JSON_PRESERVE_ZERO_FRACTION | JSON_THROW_ON_ERROR);
