<?php
/* Most entries of a large cache are in no processor's cache: what a call costs then. */
declare(strict_types=1);

return static function (Bench $bench): iterable {
    $entries = $bench->full(200_000, 50_000);
    $rounds = [];
    for ($i = 0; $i < $bench->full(5, 1, 2); ++$i) {
        // Or APCu would walk long chains.
        $settings = ['apc.entries_hint' => $entries];
        $rounds[] = $bench->php('random', [$entries, $bench->full(1200, 40, 200), ...$bench->libraries()], '256M', $settings);
    }
    foreach (array_keys($rounds[0]) as $name) {
        $over = static fn (string $library): ?float => isset($rounds[0][$name][$library])
            ? median(array_map(static fn (array $round): float => $round[$name][$library], $rounds))
            : null;
        yield new Figure("$name: 100 B string", $over('cache'), $over('apcu'), 'ns');
    }
};
