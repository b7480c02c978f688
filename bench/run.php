<?php
/*
 * Runs rows of the benchmarks and prints a table for each. Started by scripts/bench, which says what it takes.
 *   run.php --extension=FILE [--apcu=FILE] [--igbinary=FILE] --programs=DIRECTORY --segments=DIRECTORY
 *           --work=DIRECTORY [--traces=DIRECTORY] [--json=FILE] [--kills=N] [--quick] [ROW...]
 */
declare(strict_types=1);

require __DIR__ . '/lib/statistics.php';
require __DIR__ . '/lib/figure.php';
require __DIR__ . '/lib/table.php';
require __DIR__ . '/lib/bench.php';
require __DIR__ . '/lib/serializers.php';
require __DIR__ . '/lib/machine.php';

const ROWS = [
    'ops' => 'One process: what a call costs',
    'values' => 'One process: whole values, beside APCu with the serializer that is the hardest to beat',
    'touch' => 'A process that has just been forked fetches 1000 rows and walks over them',
    'stale' => 'Words of entries, stale values, and who rebuilds them',
    'queue' => 'The rebuild queue: its calls, its wake-up, its throughput',
    'library' => 'The library in php_src: what it adds to the functions of the extension',
    'flow' => 'Four processes insert into one list of the first 50, in order',
    'wcf' => 'The bridge to WoltLab Suite Core, beside what its own classes do',
    'sync' => 'Collections of a sync server: behind the cache, and the database alone',
    'drupal' => 'Drupal\'s bins: a chain in front of a database on SQLite, and emptying a bin',
    'page' => 'A page through nginx and php-fpm, driven by wrk',
    'core' => 'The core without PHP: a look-up of a hot key of 20 bytes',
    'contention' => 'A writer that never rests beside 15 readers',
    'latency' => '16 processes fetch and store the same 20 objects: how long one fetch and store takes',
    'kill' => 'Six workers, killed at random instants',
    'hitratio' => 'Hit ratio from empty, a miss stores the object',
    'memory' => 'Bytes per entry, everything included: the size of the segment / entries when the first had to go',
    'bytes' => 'Bytes of one entry with a key of 20 bytes, by its value',
    'collisions' => '16,384 keys that collide in PHP\'s hash: one fetch',
];

$folders = ['programs:', 'segments:', 'work:', 'traces:'];
$options = getopt('', ['extension:', 'apcu:', 'igbinary:', ...$folders, 'json:', 'kills:', 'quick'], $rest);
$chosen = array_slice($argv, $rest) ?: array_keys(ROWS);
if ($unknown = array_diff($chosen, array_keys(ROWS))) {
    $known = implode(', ', array_keys(ROWS));
    fwrite(STDERR, 'unknown row: ' . implode(', ', $unknown) . " (there are: $known)\n");
    exit(2);
}
$quick = isset($options['quick']);
$bench = new Bench(
    quick: $quick,
    kills: (int) ($options['kills'] ?? ($quick ? 300 : 10_000)),
    traces: $options['traces'] ?? null,
    extension: $options['extension'],
    apcu: $options['apcu'] ?? null,
    igbinary: $options['igbinary'] ?? null,
    programs: $options['programs'],
    segments: $options['segments'],
    work: $options['work'],
);
$json = isset($options['json']) ? fopen($options['json'], 'w') : null;

pcntl_async_signals(true);
foreach ([SIGINT => 130, SIGTERM => 143] as $signal => $status) {
    pcntl_signal($signal, static function () use ($bench, $status): never {
        $bench->stop();
        exit($status);
    });
}

$machine = machine($bench);
echo heading($machine);
if ($json) {
    fwrite($json, line(['machine' => $machine, 'quick' => $quick]));
}
$goals = ['met' => 0, 'missed' => 0];
foreach ($chosen as $row) {
    $started = hrtime(true);
    echo "\n### $row: ", ROWS[$row], "\n\n";
    $figures = figures($bench, $row);
    echo table(array_map(static fn (Figure $figure): array => $figure->cells(), $figures));
    printf("\n%.0f s, load %s\n", (hrtime(true) - $started) / 1e9, load());
    foreach ($figures as $figure) {
        $met = $figure->isMet();
        $goals['met'] += (int) ($met === true);
        $goals['missed'] += (int) ($met === false);
        if ($json) {
            fwrite($json, line(['row' => $row] + record($figure)));
        }
    }
}
printf("\n%d goals met, %d missed.\n", $goals['met'], $goals['missed']);

/** @return list<Figure> those that came before it failed, and what went wrong */
function figures(Bench $bench, string $row): array
{
    $figures = [];
    try {
        foreach ((require __DIR__ . "/rows/$row.php")($bench) as $figure) {
            $figures[] = $figure;
        }
    } catch (BenchFailed | JsonException $failure) {
        $figures[] = new Figure("FAILED: {$failure->getMessage()}", null);
    }

    return $figures;
}

/** @return array<string, mixed> */
function record(Figure $figure): array
{
    return [
        'figure' => $figure->name,
        'cache' => $figure->cache,
        'apcu' => $figure->apcu,
        'unit' => $figure->unit,
        'ratio' => $figure->ratio(),
        'goal' => $figure->goal?->text,
        'met' => $figure->isMet(),
    ] + $figure->more;
}

function line(array $record): string
{
    return json_encode($record, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR) . "\n";
}
