<?php
/* WoltLab Suite's caches: who builds, and who waits; beside what WoltLab's own classes do, on APCu. */
declare(strict_types=1);

return static function (Bench $bench): iterable {
    $cases = [
        '1 writer resets' => ['reset', 1],
        '3 writers reset at once' => ['reset', 3],
        'a legacy builder expires' => ['expiry', 0],
        '... with SHARED_CACHE_GRACE' => ['grace', 0],
        'a tolerant cache expires' => ['tolerant', 0],
        '8 visitors, cold' => ['cold', 0],
    ];
    $rounds = [];
    for ($i = 0; $i < $bench->full(3, 1); $i++) {
        foreach ($cases as $name => [$case, $writers]) {
            foreach ($bench->libraries() as $library) {
                $rounds[$name][$library][] = $bench->php('wcf', [$case, $library, $bench->full(6, 2), $writers]);
            }
        }
    }
    foreach ($cases as $name => [$case]) {
        $over = static fn (callable $figure): array => array_map(
            static fn (string $library): ?float => isset($rounds[$name][$library])
                ? median(array_map($figure, $rounds[$name][$library]))
                : null,
            ['cache', 'apcu'],
        );
        $of = ['reset' => 'change', 'cold' => 'start'][$case] ?? 'lifetime';
        // A lifetime of ours begins at 0.8 of the one before.
        $goal = Goal::atMost($case === 'tolerant' ? 1.25 : 1.0);
        yield new Figure("$name: builds", ...$over(static fn (array $round): float => $round['builds']), unit: '');
        $builds = $over(static fn (array $round): float => $round['builds'] / $round['occasions']);
        yield new Figure("... for each $of", $builds[0], $builds[1], '', $goal);
        $waited = $over(static fn (array $round): float => $round['waited'] / $round['occasions']);
        // With grace the one who builds.
        $mayWait = ['reset' => 0, 'tolerant' => 0, 'grace' => 1][$case] ?? null;
        yield new Figure("... pages that waited, for each $of", $waited[0], $waited[1], '', $mayWait === null ? null : Goal::atMost($mayWait));
        $max = $over(static fn (array $round): float => $round['max'] / 1e6);
        yield new Figure('... the longest wait', $max[0], $max[1], 'ms');
    }
    $asked = [
        median(array_column($rounds['a tolerant cache expires']['cache'], 'pushed')),
        isset($rounds['a tolerant cache expires']['apcu']) ? median(array_column($rounds['a tolerant cache expires']['apcu'], 'asked')) : null,
    ];
    yield new Figure('a tolerant cache expires: jobs asked of the queue', $asked[0], $asked[1], '');
};
