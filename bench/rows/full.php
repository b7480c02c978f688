<?php
/*
 * The cache is full, and each store has to make room. APCu wipes itself when it is, which stops everybody. "neither": the same loop
 * without the store.
 */
declare(strict_types=1);

return static function (Bench $bench): iterable {
    $megabytes = $bench->full(512, 32, 256);
    $stores = $bench->full(10_000, 1000, 3000);
    foreach (['small' => '64 B to 4 KB', 'large' => '64 KB to 1 MB'] as $sizes => $name) {
        $rounds = [];
        for ($i = 0; $i < $bench->full(3, 1, 1); ++$i) {
            foreach ([...$bench->libraries(), 'none'] as $library) {
                // Or APCu would walk long chains.
                $settings = ['apc.entries_hint' => $megabytes << 10];
                $rounds[$library][] = $bench->php('full', [$megabytes, $library, $sizes, $stores], "{$megabytes}M", $settings);
            }
        }
        $over = static fn (string $library, string $percentile): ?float => isset($rounds[$library])
            ? median(array_map(static fn (array $round): float => $round['times'][$percentile] / 1e3, $rounds[$library]))
            : null;
        $tail = ['p50' => 0.3, 'p99' => 2, 'p99.9' => 3, 'p99.99' => 4];
        foreach ([...array_keys($tail), 'max'] as $percentile) {
            [$cache, $apcu, $none] = array_map(static fn (string $of): ?float => $over($of, $percentile), ['cache', 'apcu', 'none']);
            $curves = ['cache' => $cache, 'APCu' => $apcu, 'neither' => $none];
            yield new Figure(
                "$megabytes MB, $name: $percentile",
                $cache,
                $apcu,
                'µs',
                $percentile === 'p99.99' && $sizes === 'small' ? Goal::atMost(1000, 'µs') : null,
                ['neither' => quantity($none, 'µs')],
                $sizes === 'small' && isset($tail[$percentile]) ? [new Point('full', $tail[$percentile], $curves)] : [],
            );
        }
        $sum = static fn (string $library, string $what): ?float => isset($rounds[$library])
            ? (float) array_sum(array_column($rounds[$library], $what))
            : null;
        yield new Figure("$megabytes MB, $name: stores", $sum('cache', 'stores'), $sum('apcu', 'stores'));
        yield new Figure('... of them refused', $sum('cache', 'refused'), $sum('apcu', 'refused'), '', Goal::atMost(0));
    }
};
