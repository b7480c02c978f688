<?php
/*
 * What 1, 2, 4 and 16 processes do in all, and how long one call takes. On fewer processors than that some have to wait for one:
 * "neither" is the same without anything that is shared.
 */
declare(strict_types=1);

/* Cases: their names, of the one process more, and whether APCu has something like it. */
const CASES = [
    'mixed' => ['95 %% reads, 5 %% writes, %d processes', null, true],
    'readers' => ['readers beside a writer, %d readers', 'the writer', true],
    'touches' => ['touches, %d processes', null, true],
    'tags' => ['reads of tagged entries, 0.1 %% invalidations, %d processes', null, false],
    'iteration' => ['writers beside a walk over all entries, %d writers', 'walks', true],
];

return static function (Bench $bench): iterable {
    $numbers = $bench->full([1, 2, 4, 16], [1, 4], [1, 4, 16]);
    foreach (CASES as $case => [$name, $more, $both]) {
        foreach ($bench->large ? [...$numbers, 64] : $numbers as $processes) {
            $rounds = [];
            for ($i = 0; $i < $bench->full(3, 1, 1); ++$i) {
                foreach ($both ? [...$bench->libraries(), 'none'] : ['cache'] as $library) {
                    // On the command line nothing ends a request: readers of values that are always new would hold too much.
                    $settings = ['cache.zero_copy' => 'off'];
                    $rounds[$library][] = $bench->php('processes', [$case, $processes, $bench->full(1.0, 0.3), $library], '64M', $settings);
                }
            }
            yield from processFigures($case, sprintf($name, $processes), $more, $processes, $rounds);
        }
    }
};

/**
 * @param array<string, list<array>> $rounds by library
 * @return iterable<Figure>
 */
function processFigures(string $case, string $name, ?string $more, int $processes, array $rounds): iterable
{
    $over = static fn (string $library, Closure $of): ?float => isset($rounds[$library]) ? median(array_map($of, $rounds[$library])) : null;
    $both = static fn (Closure $of): array => ['cache' => $over('cache', $of), 'APCu' => $over('apcu', $of)];
    $figure = static fn (string $name, array $values, string $unit, ?Goal $goal = null, array $more = [], array $points = []): Figure
        => new Figure($name, $values['cache'], $values['APCu'], $unit, $goal, $more, $points);

    $calls = $both(static fn (array $round): float => $round['calls']);
    $tail = $both(static fn (array $round): float => $round['times']['p99.9'] / 1e3);
    $plots = ['mixed' => 'processes-tail', 'readers' => 'processes-readers'];
    $columns = [];
    foreach (['p50', 'p99', 'p99.99', 'max'] as $percentile) {
        foreach ($both(static fn (array $round): float => $round['times'][$percentile] / 1e3) as $library => $time) {
            if ($time !== null) {
                $columns[$library === 'cache' ? $percentile : "APCu $percentile"] = quantity($time, 'µs');
            }
        }
    }
    $none = $over('none', static fn (array $round): float => $round['times']['p99.9'] / 1e3);
    if ($none !== null) {
        $columns = ['neither' => quantity($none, 'µs')] + $columns;
    }
    yield $figure($name, $calls, '/s', points: $case === 'mixed' ? [new Point('processes-mixed', $processes, $calls)] : []);
    yield $figure(
        '... p99.9 of a call',
        $tail,
        'µs',
        $case === 'readers' && $processes > 1 ? Goal::ratio(0.2) : null,
        $columns,
        isset($plots[$case]) ? [new Point($plots[$case], $processes, $tail)] : [],
    );
    if ($more !== null) {
        yield $figure("... $more", $both(static fn (array $round): float => $round['more']), '/s');
    }
}
