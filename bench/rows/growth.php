<?php
/* How the cost of a call grows: with the entries, the size of the value, the processes, and the size of the segment. */
declare(strict_types=1);

return static function (Bench $bench): iterable {
    yield from byEntries($bench);
    yield from bySize($bench);
    yield from byProcesses($bench);
    yield from bySegment($bench);
};

/** @return array<string, array<string, float>> medians, by call and by library; under "first" the first call */
function growthRounds(Bench $bench, string $case, int $number, string $size, array $settings = []): array
{
    $rounds = [];
    for ($i = 0; $i < $bench->full(3, 1, 1); ++$i) {
        $round = $bench->php('growth', [$case, $number, $bench->full(60, 6, 20), ...$bench->libraries()], $size, $settings);
        $rounds[] = $round['times'] + ['first' => ['cache' => (float) $round['first']]];
    }
    $medians = [];
    foreach ($rounds[0] as $what => $of) {
        foreach (array_keys($of) as $library) {
            $medians[$what][$library] = median(array_map(static fn (array $round): float => $round[$what][$library], $rounds));
        }
    }

    return $medians;
}

/** @param array<string, float> $times by library */
function growthFigure(string $name, array $times, string $unit, string $plot, float $x, string $curve = ''): Figure
{
    $curves = ["cache$curve" => $times['cache'], "APCu$curve" => $times['apcu'] ?? null];

    return new Figure($name, $times['cache'], $times['apcu'] ?? null, $unit, points: [new Point($plot, $x, $curves)]);
}

/** @return iterable<Figure> */
function byEntries(Bench $bench): iterable
{
    $most = $bench->large ? 7 : $bench->full(6, 4, 5);
    for ($power = 3; $power <= $most; ++$power) {
        $entries = 10 ** $power;
        // Room enough for APCu, too, and hash tables that fit.
        $size = max(64, intdiv($entries, 2000)) . 'M';
        $times = growthRounds($bench, 'entries', $entries, $size, ['apc.entries_hint' => $entries]);
        foreach (['fetch', 'miss', 'store'] as $what) {
            $plot = $what === 'store' ? 'growth-stores' : 'growth-entries';
            $curve = $what === 'miss' ? ', a miss' : '';
            yield growthFigure(sprintf('%s, %s entries', $what, quantity($entries)), $times[$what], 'ns', $plot, $entries, $curve);
        }
    }
}

/** @return iterable<Figure> */
function bySize(Bench $bench): iterable
{
    for ($bytes = 8; $bytes <= 8 << 20; $bytes *= $bench->full(4, 32)) {
        // What a process that serves requests may hold of it.
        $times = growthRounds($bench, 'value', $bytes, '256M', ['cache.max_pinned' => '25M']);
        foreach (['fetch', 'store'] as $what) {
            yield growthFigure(sprintf('%s, string of %s', $what, quantity($bytes, 'B')), $times[$what], 'ns', 'growth-value', $bytes, ", $what");
        }
    }
}

/** @return iterable<Figure> */
function byProcesses(Bench $bench): iterable
{
    foreach ($bench->full([1, 2, 4, 8, 16, 32, 64], [1, 8]) as $processes) {
        $rounds = [];
        for ($i = 0; $i < $bench->full(3, 1, 1); ++$i) {
            foreach ($bench->libraries() as $library) {
                $rounds[$library][] = $bench->php('processes', ['fetch', $processes, $bench->full(1.0, 0.3), $library])['calls'];
            }
        }
        yield growthFigure("fetches by $processes processes", array_map(median(...), $rounds), '/s', 'growth-processes', $processes);
    }
}

/** The segment is a sparse file: what is not used takes no memory. APCu makes its own when PHP starts, which is not timed. */
function bySegment(Bench $bench): iterable
{
    $most = $bench->large ? 8192 : $bench->full(1024, 64);
    for ($megabytes = 16; $megabytes <= $most; $megabytes *= $bench->full(2, 4)) {
        $times = growthRounds($bench, 'entries', 1000, "{$megabytes}M");
        $name = sprintf('%s MB', quantity($megabytes));
        foreach (['fetch', 'store'] as $what) {
            yield growthFigure("$what, segment of $name", $times[$what], 'ns', 'growth-segment', $megabytes, ", $what");
        }
        yield new Figure("first call of all, segment of $name", $times['first']['cache'], null, 'µs');
    }
}
