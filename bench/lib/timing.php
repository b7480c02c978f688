<?php
declare(strict_types=1);

require_once __DIR__ . '/statistics.php';
require_once __DIR__ . '/operation.php';

const CHUNK_NS = 250_000;

/**
 * The functions of an operation. The code goes through a file, so that opcache makes its literals permanent, as those
 * of an application are.
 *
 * @param list<array{Operation, Keys}> $operations
 * @param list<string> $libraries
 * @return list<array{sample: array<string, Closure>, chunk: array<string, Closure>}> functions by library; in "chunk"
 *     there are the operation's others, too, and the empty loop under ""
 */
function compiled(array $operations, array $libraries, string $file): array
{
    $code = "<?php\nreturn [\n";
    foreach ($operations as [$operation, $keys]) {
        $samples = $chunks = '';
        foreach ($libraries as $library) {
            $samples .= "'$library' => {$operation->sample($library, $keys)},\n";
        }
        foreach ([...$libraries, ...array_keys($operation->others)] as $contender) {
            $chunks .= "'$contender' => {$operation->chunk($contender, $keys)},\n";
        }
        $chunks .= "'' => {$operation->chunk(null, $keys)},\n";
        $code .= "['sample' => [$samples], 'chunk' => [$chunks]],\n";
    }
    file_put_contents($file, "$code];\n");
    $functions = require $file;
    if (!opcache_is_script_cached($file)) {
        fail('opcache did not cache the code that is timed');
    }

    return $functions;
}

/** @param array<string, Closure> $samples by library */
function check(Operation $operation, array $samples): void
{
    foreach ($samples as $library => $sample) {
        if ($sample() !== $operation->expect) {
            fail("$operation->name: $library does not answer as it should");
        }
    }
}

/**
 * Calls that take CHUNK_NS. Some functions are thousands of times slower than others: with as few calls, a chunk of a
 * fast one would time the clock. Tried thrice: a single call may be the first of its kind, or find a table to be grown.
 */
function callsOfChunk(Closure $function): int
{
    $fastest = static fn (int $calls): int => min($function($calls), $function($calls), $function($calls));
    for ($calls = 1; ($time = $fastest($calls)) < CHUNK_NS / 4; $calls *= 2);

    return max(1, (int) ($calls * CHUNK_NS / $time));
}

/**
 * Chunks of all functions in turns.
 *
 * @param array<string, Closure> $functions the empty loop under ""
 * @param array<string, int> $calls in a chunk
 * @return array<string, array{p50: float, p10: float}> nanoseconds a call, those of the empty loop subtracted
 */
function timed(array $functions, array $calls, int $chunks): array
{
    $times = [];
    for ($i = 0; $i < $chunks; ++$i) {
        foreach ($i % 2 ? array_reverse($functions, true) : $functions as $name => $function) {
            $times[$name][] = $function($calls[$name], $i * $calls[$name]) / $calls[$name];
        }
    }
    array_walk($times, static fn (array &$list): bool => sort($list));
    $results = [];
    foreach (array_diff_key($times, ['' => 0]) as $name => $list) {
        $results[$name] = [
            'p50' => percentile($list, 50) - percentile($times[''], 50),
            'p10' => percentile($list, 10) - percentile($times[''], 10),
        ];
    }

    return $results;
}

function fail(string $message): never
{
    fwrite(STDERR, "$message\n");
    exit(1);
}
