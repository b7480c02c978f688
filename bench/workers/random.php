<?php
/*
 * random.php ENTRIES CHUNKS LIBRARY...: stores ENTRIES strings of 100 bytes, then fetches and stores them: "hot" the same thousand
 * again and again, "cold" all of them in an order that is made before. Keys are put together just before each call. Prints
 * nanoseconds a call, by name and by library: medians of chunks that take turns, of which the same loop without the call is
 * subtracted.
 */
declare(strict_types=1);

require __DIR__ . '/../lib/timing.php';

/* Short, so that few chunks are interrupted. */
const RANDOM_CALLS = 500;
const HOT = 1000;

/** Code of a function(array $order, int $from, string $value) that returns the nanoseconds of RANDOM_CALLS calls. */
function randomChunk(string $call): string
{
    $calls = RANDOM_CALLS;

    return <<<PHP
        static function (array \$order, int \$from, string \$value): int {
            \$bytes = \$wrong = 0;
            \$start = hrtime(true);
            for (\$i = \$from, \$end = \$from + $calls; \$i < \$end; ++\$i) {
                \$key = 'entry:' . \$order[\$i];
                if (!($call)) {
                    ++\$wrong;
                }
            }
            \$time = hrtime(true) - \$start;
            if (\$wrong > 0) {
                throw new UnexpectedValueException('an entry is missing, or was not stored');
            }
            return \$time + 0 * strlen(\$key);
        }
        PHP;
}

[, $entries, $chunks] = $argv;
$entries = (int) $entries;
$calls = ['' => '$key'];
foreach (array_slice($argv, 3) as $library) {
    $calls["fetch $library"] = "{$library}_fetch(\$key)";
    $calls["store $library"] = "{$library}_store(\$key, \$value)";
    for ($i = 0; $i < $entries; ++$i) {
        if (!"{$library}_store"('entry:' . (1_000_000 + $i), str_repeat('x', 100))) {
            fail("$library does not store all entries");
        }
    }
}
$code = "<?php\nreturn [\n";
foreach ($calls as $name => $call) {
    $code .= "'$name' => " . randomChunk($call) . ",\n";
}
$file = sys_get_temp_dir() . '/' . 'bench-random-' . getmypid() . '.php';
file_put_contents($file, "$code];\n");
$functions = require $file;
unlink($file);

mt_srand(42);
$cold = range(1_000_000, 1_000_000 + $entries - 1);
shuffle($cold);
$orders = [
    'cold' => $cold,
    'hot' => array_map(static fn (): int => $cold[mt_rand(0, HOT - 1)], range(0, $entries - 1)),
];
$value = str_repeat('y', 100);
$times = [];
for ($i = 0; $i < $chunks; ++$i) {
    foreach ($orders as $temperature => $order) {
        foreach ($functions as $name => $function) {
            $from = $i * RANDOM_CALLS % ($entries - RANDOM_CALLS + 1);
            $times[$temperature][$name][] = $function($order, $from, $value) / RANDOM_CALLS;
        }
    }
}
$results = [];
foreach ($times as $temperature => $of) {
    $medians = array_map(median(...), $of);
    foreach (array_diff_key($medians, ['' => 0]) as $name => $time) {
        [$what, $library] = explode(' ', $name);
        $results["$what, $temperature"][$library] = $time - $medians[''];
    }
}
echo json_encode($results, JSON_PRESERVE_ZERO_FRACTION | JSON_THROW_ON_ERROR);
