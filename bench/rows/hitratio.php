<?php
/*
 * The first figure goes through PHP. The others are of the core, beside exact policies (bench/core/policies.c): at
 * equal numbers of entries, all values of one size; and at equal bytes, values of 100 bytes to 32 KB. The traces come
 * with Caffeine's simulator (https://github.com/ben-manes/caffeine): NAME.txt.xz, objects renumbered, one a line.
 */
declare(strict_types=1);

/* Entries: about 1 and 10 % of the objects of the trace. What another simulator of S3-FIFO says to them, in percent. */
const ENTRIES = [
    'web12' => [137 => 41.3, 1375 => 71.9],
    'orm-night' => [864 => 67.4, 8646 => 94.0],
    'sprite' => [70 => 20.4, 707 => 86.3],
    '2pools' => [99 => 44.2, 993 => 54.4],
    'zipf' => [5000 => 64.5, 50000 => 80.4],
];
/* Segments with room for about 10 % of the objects; of the last for 2 %. */
const MEGABYTES = ['web12' => 8, 'orm-night' => 64, 'sprite' => 4, '2pools' => 8, 'zipf' => 64];

return static function (Bench $bench): iterable {
    $zipf = [];
    foreach ($bench->libraries() as $library) {
        $zipf[$library] = $bench->php('zipf', [$bench->full(2_000_000, 1_000_000), $library], '16M');
    }
    yield new Figure(
        'PHP: 16 MB, values of 1 KB, Zipf 1.0 over 100,000 keys',
        $zipf['cache']['percent'],
        $zipf['apcu']['percent'] ?? null,
        '%',
        Goal::atLeast(80, '%'),
        ['held' => quantity(round($zipf['cache']['entries']))],
    );

    foreach (ENTRIES as $trace => $sizes) {
        $file = "$bench->traces/$trace.txt.xz";
        if ($trace !== 'zipf' && ($bench->traces === null || !is_file($file))) {
            yield new Figure("$trace: no " . ($bench->traces === null ? '--traces=' : $file), null);
            continue;
        }
        $arguments = [...($trace === 'zipf' ? ['zipf'] : []), ...array_keys($sizes), MEGABYTES[$trace] . 'M'];
        $lines = $bench->program('hitratio', [$bench->segments, ...$arguments], $trace === 'zipf' ? null : $file);
        foreach ($sizes as $entries => $other) {
            yield policyFigure(sprintf('%s, %s entries', $trace, quantity($entries)), array_shift($lines), $other);
        }
        yield policyFigure(sprintf('%s, %d MB', $trace, MEGABYTES[$trace]), array_shift($lines), null);
    }
};

/** @param array<string, int|float> $line what the program says */
function policyFigure(string $name, array $line, ?float $other): Figure
{
    return new Figure(
        $name,
        $line['cache'],
        null,
        '%',
        Goal::atLeast(round($line['s3fifo'] - 1, 1), '%'),
        [
            'S3-FIFO' => quantity($line['s3fifo'], '%'),
            'other simulator' => $other === null ? '' : quantity($other, '%'),
            'LRU' => quantity($line['lru'], '%'),
            'held' => quantity($line['held']),
            'value' => $line['value'] ? quantity($line['value'], 'B') : '100 B to 32 KB',
            'refused' => quantity($line['refused']),
        ],
    );
}
