<?php
/*
 * The loop of https://github.com/krakjoe/apcu/issues/333. "neither": the same loop without anything that is shared;
 * with more processes than processors, it too has times that are long.
 */
declare(strict_types=1);

return static function (Bench $bench): iterable {
    $rounds = [];
    for ($i = 0; $i < $bench->full(5, 2, 3); $i++) {
        foreach ([...$bench->libraries(), 'none'] as $library) {
            $rounds[$library][] = $bench->php('latency', [$bench->full(3, 1, 2), $library]);
        }
    }
    $over = static fn (string $library, string $figure): ?float => isset($rounds[$library])
        ? ($figure === 'gone' ? array_sum(...) : median(...))(array_column($rounds[$library], $figure))
        : null;

    $line = static function (string $name, string $figure, string $unit, float $factor, ?Goal $goal) use ($over) {
        $in = static fn (string $library): ?float => $over($library, $figure) === null
            ? null
            : $over($library, $figure) * $factor;

        return new Figure($name, $in('cache'), $in('apcu'), $unit, $goal, ['neither' => quantity($in('none'), $unit)]);
    };

    foreach (['p50' => null, 'p99' => null, 'p99.9' => Goal::ratio(0.2), 'max' => null] as $percentile => $goal) {
        yield $line($percentile, $percentile, 'µs', 1e-3, $goal);
    }
    yield $line('longer than 65 µs, all processes', 'long', '/s', 1, null);
    yield $line('in all, all processes', 'a second', '/s', 1, null);
    yield $line('objects that were gone', 'gone', '', 1, Goal::atMost(0));
};
