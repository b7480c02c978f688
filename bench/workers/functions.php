<?php
/*
 * functions.php WORK ROUNDS LIBRARY...: goes through the functions of bench/functions.php, ROUNDS times. Prints, by function and by
 * library, the median of its rounds in nanoseconds a call; the time of a loop that only reads its keys is subtracted.
 */
declare(strict_types=1);

require __DIR__ . '/../lib/timing.php';

const FUNCTION_KEYS = 100;

/** Code of a function(array $keys, array &$held) that returns the nanoseconds of its calls and what the last of them has returned. */
function stepCode(string $call, int $calls): string
{
    return <<<PHP
        static function (array \$keys, array &\$held): array {
            \$r = null;
            \$start = hrtime(true);
            for (\$i = 0; \$i < $calls; ++\$i) {
                \$key = \$keys[\$i];
                \$r = $call;
            }
            return [hrtime(true) - \$start, \$r];
        }
        PHP;
}

/**
 * @param array<string, array<string, mixed>> $steps
 * @return array<string, array{time: Closure, right: Closure, things: int}> of those that the library has, by name
 */
function sequence(array $steps, string $library, string $file): array
{
    $code = "<?php\nreturn [\n";
    foreach ($steps as $name => $step) {
        if (isset($step[$library])) {
            $calls = $step['most'] ?? FUNCTION_KEYS;
            $right = $step['expect'] ?? '$r === true';
            $time = stepCode($step[$library], $calls);
            $things = $calls * ($step['of'] ?? 1);
            $code .= "'$name' => ['things' => $things, 'time' => $time, 'right' => static fn (mixed \$r): bool => $right],\n";
        }
    }
    file_put_contents($file, "$code];\n");

    return require $file;
}

[, $work, $rounds] = $argv;
$libraries = array_slice($argv, 3);
$steps = require __DIR__ . '/../functions.php';
$keys = array_map(static fn (int $i): string => sprintf('bench:functions:k%03d', $i), range(0, FUNCTION_KEYS - 1));
$hashed = array_flip($keys);
file_put_contents("$work/nothing.php", "<?php\nreturn " . stepCode('$i', FUNCTION_KEYS) . ";\n");
$nothing = require "$work/nothing.php";
$sequences = [];
foreach ($libraries as $library) {
    $sequences[$library] = sequence($steps, $library, "$work/functions-$library.php");
}
$times = $empty = [];
$held = [];
for ($round = 0; $round < $rounds; ++$round) {
    $empty[] = $nothing($keys, $held)[0] / FUNCTION_KEYS;
    foreach ($sequences as $library => $sequence) {
        $held = [];
        foreach ($sequence as $name => $step) {
            [$time, $result] = $step['time']($keys, $held);
            if (!$step['right']($result)) {
                fail("$name: $library does not answer as it should, but with " . json_encode($result));
            }
            $times[$name][$library][] = $time / $step['things'];
        }
    }
}
$nothing = median($empty);
echo json_encode(
    array_map(
        static fn (array $of): array => array_map(static fn (array $list): float => median($list) - $nothing, $of),
        $times,
    ),
    JSON_PRESERVE_ZERO_FRACTION | JSON_THROW_ON_ERROR,
);
