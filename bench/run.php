<?php
/*
 * Runs rows of the benchmarks and prints a table for each. Started by scripts/bench, which says what it takes.
 *   run.php --extension=FILE [--apcu=FILE]... [--igbinary=FILE] [--yac=FILE] --programs=DIRECTORY --segments=DIRECTORY
 *           --work=DIRECTORY [--traces=DIRECTORY] [--json=FILE] [--csv=FILE] [--markdown=FILE] [--plots=DIRECTORY]
 *           [--kills=N] [--quick] [--short] [--large] [ROW...]
 */
declare(strict_types=1);

require __DIR__ . '/lib/statistics.php';
require __DIR__ . '/lib/figure.php';
require __DIR__ . '/lib/table.php';
require __DIR__ . '/lib/bench.php';
require __DIR__ . '/lib/serializers.php';
require __DIR__ . '/lib/machine.php';
require __DIR__ . '/lib/report.php';
require __DIR__ . '/lib/plots.php';

const ROWS = [
    'ops' => 'One process: what a call costs',
    'limits' => 'One process: beside what nobody can be faster than',
    'functions' => 'One process: every function, once',
    'values' => 'One process: whole values, beside APCu with the serializer that is the hardest to beat',
    'peers' => 'One process: other ways to keep a value, and other builds of APCu',
    'random' => '200,000 entries: the same thousand again and again, and all of them in random order',
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
    'full' => 'A full cache: how long one store takes',
    'processes' => 'Processes at the same time: what they do in all, and how long one call takes',
    'growth' => 'How the cost of a call grows',
    'kill' => 'Six workers, killed at random instants',
    'hitratio' => 'Hit ratio from empty, a miss stores the object',
    'memory' => 'Bytes per entry, everything included: the size of the segment / entries when the first had to go',
    'bytes' => 'Bytes of one entry with a key of 20 bytes, by its value',
    'collisions' => '16,384 keys that collide in PHP\'s hash: one fetch',
];

/* What --short runs: the most telling rows, in less than three minutes. */
const SHORT = ['ops', 'peers', 'touch', 'contention', 'latency', 'full', 'memory'];

$folders = ['programs:', 'segments:', 'work:', 'traces:'];
$outputs = ['json:', 'csv:', 'markdown:', 'plots:'];
$flags = ['quick', 'short', 'large'];
$options = getopt('', ['extension:', 'apcu:', 'igbinary:', 'yac:', ...$folders, ...$outputs, 'kills:', ...$flags], $rest);
$chosen = array_slice($argv, $rest) ?: (isset($options['short']) ? SHORT : array_keys(ROWS));
if ($unknown = array_diff($chosen, array_keys(ROWS))) {
    $known = implode(', ', array_keys(ROWS));
    fwrite(STDERR, 'unknown row: ' . implode(', ', $unknown) . " (there are: $known)\n");
    exit(2);
}
$apcus = (array) ($options['apcu'] ?? []);
$quick = isset($options['quick']);
$bench = new Bench(
    quick: $quick,
    kills: (int) ($options['kills'] ?? ($quick ? 300 : 10_000)),
    traces: $options['traces'] ?? null,
    extension: $options['extension'],
    apcu: $apcus[0] ?? null,
    igbinary: $options['igbinary'] ?? null,
    programs: $options['programs'],
    segments: $options['segments'],
    work: $options['work'],
    short: isset($options['short']),
    large: isset($options['large']),
    yac: $options['yac'] ?? null,
    otherApcus: array_slice($apcus, 1),
);

pcntl_async_signals(true);
foreach ([SIGINT => 130, SIGTERM => 143] as $signal => $status) {
    pcntl_signal($signal, static function () use ($bench, $status): never {
        $bench->stop();
        exit($status);
    });
}

$machine = machine($bench);
$report = new Report($machine, $quick, $options['json'] ?? null, $options['csv'] ?? null, $options['markdown'] ?? null);
$plots = isset($options['plots']) ? new Plots($options['plots'], $machine) : null;
$report->say(heading($machine));
$goals = ['met' => 0, 'missed' => 0];
foreach ($chosen as $row) {
    $started = hrtime(true);
    $report->say("\n### $row: " . ROWS[$row] . "\n\n");
    $figures = figures($bench, $row);
    $report->say(table(array_map(static fn (Figure $figure): array => $figure->cells(), $figures)));
    $report->say(sprintf("\n%.0f s, load %s\n", (hrtime(true) - $started) / 1e9, load()));
    foreach ($figures as $figure) {
        $met = $figure->isMet();
        $goals['met'] += (int) ($met === true);
        $goals['missed'] += (int) ($met === false);
        $report->figure($row, $figure);
        $plots?->add($figure);
    }
    foreach ($plots?->drawn() ?? [] as $name => $title) {
        $report->image("{$options['plots']}/$name.svg", $title);
    }
}
$report->say(sprintf("\n%d goals met, %d missed.\n", $goals['met'], $goals['missed']));

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
