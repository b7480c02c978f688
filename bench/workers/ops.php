<?php
/*
 * ops.php WORK CHUNKS LIBRARY...: times the operations of bench/operations.php in this one process. For each of them
 * short chunks of the libraries and of the empty loop take turns. Prints, by name of the operation and by library, the
 * median and the tenth percentile of the chunks in nanoseconds a call, the empty loop subtracted.
 */
declare(strict_types=1);

require __DIR__ . '/../lib/statistics.php';

const CHUNK_NS = 250_000;

/**
 * The code goes through a file, so that opcache makes its literals permanent, as those of an application are.
 *
 * @param list<Operation> $operations
 * @param list<string> $libraries
 * @return array<string, array{sample: array<string, Closure>, chunk: array<string, Closure>, expect: mixed}>
 */
function compiled(array $operations, array $libraries, string $file): array
{
    $code = "<?php\nreturn [\n";
    foreach ($operations as $operation) {
        foreach ($operation->computed ? [false, true] : [false] as $computed) {
            $name = $operation->name . ($operation->computed ? ($computed ? ', computed key' : ', literal key') : '');
            $samples = $chunks = '';
            foreach ($libraries as $library) {
                $samples .= "'$library' => {$operation->sample($library, $computed)},\n";
                $chunks .= "'$library' => {$operation->chunk($library, $computed)},\n";
            }
            $chunks .= "'' => {$operation->chunk(null, $computed)},\n";
            $expect = var_export($operation->expect, true);
            $code .= "'$name' => ['sample' => [$samples], 'chunk' => [$chunks], 'expect' => $expect],\n";
        }
    }
    file_put_contents($file, "$code];\n");

    return require $file;
}

/**
 * @param array<string, Closure> $functions
 * @return array<string, array{p50: float, p10: float}>
 */
function timed(array $functions, int $chunks): array
{
    $calls = 64;
    $slowest = max(array_map(static fn (Closure $function): int => $function(64), $functions));
    $calls = max(20, (int) ($calls * CHUNK_NS / $slowest));
    $times = [];
    for ($i = 0; $i < $chunks; ++$i) {
        foreach ($i % 2 ? array_reverse($functions, true) : $functions as $library => $function) {
            $times[$library][] = $function($calls) / $calls;
        }
    }
    array_walk($times, static fn (array &$list): bool => sort($list));
    $results = [];
    foreach (array_diff_key($times, ['' => 0]) as $library => $list) {
        $results[$library] = [
            'p50' => percentile($list, 50) - percentile($times[''], 50),
            'p10' => percentile($list, 10) - percentile($times[''], 10),
        ];
    }

    return $results;
}

[, $work, $chunks] = $argv;
$libraries = array_slice($argv, 3);
$file = "$work/operations.php";
$results = [];
foreach (compiled(require __DIR__ . '/../operations.php', $libraries, $file) as $name => $operation) {
    foreach ($operation['sample'] as $library => $sample) {
        if ($sample() !== $operation['expect']) {
            fwrite(STDERR, "$name: $library does not answer as it should\n");
            exit(1);
        }
    }
    $results[$name] = timed($operation['chunk'], (int) $chunks);
}
echo json_encode(['operations' => $results, 'cached' => opcache_is_script_cached($file)], JSON_THROW_ON_ERROR);
