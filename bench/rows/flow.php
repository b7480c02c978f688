<?php
/* Four processes insert into one list of the first 50, beside php-memcached. */
declare(strict_types=1);

return static function (Bench $bench): iterable {
    $rounds = [];
    $inserts = $bench->full(2000, 300);
    for ($i = 0; $i < $bench->full(7, 1); $i++) {
        foreach (['index', 'marks', 'merge'] as $case) {
            $rounds[$case][] = $bench->php('flow', [$case, $inserts, 4]);
        }
        $rounds['memcached'][] = $bench->php('memcached', ["$bench->work/memcached", 'flow', 'memcached', $inserts, 4]);
    }
    $there = $rounds['memcached'][0] !== [];
    $rate = static fn (string $case): float => median(array_column($rounds[$case], 'rate'));
    $inexact = 0;
    foreach ($rounds as $of) {
        $inexact += count(array_filter(array_column($of, 'exact'), static fn (bool $exact): bool => !$exact));
    }
    $names = [
        'index' => 'TopKIndex, no database',
        'marks' => '... with the marks of a transaction',
        'merge' => 'Pool::merge() with usort()',
        'memcached' => 'php-memcached, get and cas until it succeeds',
    ];
    foreach ($names as $case => $name) {
        if ($case !== 'memcached' || $there) {
            yield new Figure("$name: inserts", $rate($case), null, '/s');
        }
    }
    if ($there) {
        // Of rounds that have taken turns.
        $ratios = array_map(
            static fn (array $ours, array $theirs): float => $ours['rate'] / $theirs['rate'],
            $rounds['index'],
            $rounds['memcached'],
        );
        yield new Figure('TopKIndex / php-memcached', median($ratios), null, '', Goal::atLeast(5));
    }
    yield new Figure('lists that are not the right 50 rows', $inexact, null, '', Goal::atMost(0));
};
