<?php
/*
 * A writer's due is its rate alone times the share of a processor that a spinning process gets in its place. A lock
 * that lets writers starve gives it less; one that makes readers wait for it takes from them.
 */
declare(strict_types=1);

return static function (Bench $bench): iterable {
    $rounds = $bench->php(
        'contention',
        [$bench->full(7, 2, 3), $bench->full(1.0, 0.4), ...$bench->libraries()],
        // On the command line nothing ends a request: readers of values that are always new would soon hold too much.
        settings: ['cache.zero_copy' => 'off'],
    );
    $over = static fn (callable $figure): array => array_map(
        static fn (array $list): float => median(array_map($figure, $list)),
        $rounds,
    );
    $line = static function (string $name, callable $figure, string $unit, ?Goal $goal = null) use ($over): Figure {
        $values = $over($figure);

        return new Figure($name, $values['cache'], $values['apcu'] ?? null, $unit, $goal);
    };

    yield $line(
        'writer: stores a second, of its due',
        static fn (array $round): float => 100 * $round['stores'] / ($round['alone'] * $round['share']),
        '%',
        Goal::atLeast(80, '%'),
    );
    yield $line(
        'readers: fetches a second, of those beside a spinning process',
        static fn (array $round): float => 100 * $round['fetches'][1] / $round['fetches'][0],
        '%',
        Goal::atLeast(95, '%'),
    );
    yield $line('writer alone', static fn (array $round): float => $round['alone'], 'stores/s');
    yield $line('writer beside the readers', static fn (array $round): float => $round['stores'], 'stores/s');
    yield $line('share of a processor that is its due', static fn (array $round): float => 100 * $round['share'], '%');
    yield $line('share that the writer used', static fn (array $round): float => 100 * $round['busy'], '%');
    yield $line('readers beside the writer', static fn (array $round): float => $round['fetches'][1], 'fetches/s');
};
