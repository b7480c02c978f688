<?php
/* See bench/lib/victim.php. The drill of APCu ends at its first hang; so it is done several times. */
declare(strict_types=1);

const PATIENCE = 5;
const APCU_PATIENCE = 3;
const APCU_KILLS = 300;

return static function (Bench $bench): iterable {
    $cache = $bench->php('kill', ['cache', $bench->kills, PATIENCE], seconds: 120 + intdiv($bench->kills, 20));
    $apcu = [];
    for ($i = 0; $bench->apcu !== null && $i < $bench->full(6, 3); $i++) {
        $apcu[] = $bench->php('kill', ['apcu', APCU_KILLS, APCU_PATIENCE], seconds: 120);
    }
    $until = array_map(static fn (array $run): string => ($run['hang'] ? '' : '> ') . $run['kills'], $apcu);
    $line = static fn (string $name, string $field, ?Goal $goal = null): Figure => new Figure(
        $name,
        (float) $cache[$field],
        $apcu ? quantity(array_sum(array_column($apcu, $field))) : null,
        '',
        $goal,
    );
    $ofKills = static fn (string $name, string $field, ?float $goal = null): Figure => new Figure(
        $name,
        100 * $cache[$field] / $cache['kills'],
        null,
        '%',
        $goal === null ? null : Goal::atLeast($goal, '%'),
    );

    yield $line('kills', 'kills', Goal::atLeast($bench->kills));
    yield $line('hangs', 'hang', Goal::atMost(0));
    yield new Figure(
        'kills up to the first hang',
        $cache['hang'] ? (float) $cache['kills'] : 'no hang',
        $apcu ? implode(', ', $until) : null,
    );
    yield $line('corrupt values', 'corrupt', Goal::atMost(0));
    yield $line('acknowledged writes lost', 'lost', Goal::atMost(0));
    yield new Figure(
        'longest wait until all six had gone on',
        $cache['gap'] * 1000,
        $apcu ? 'for ever' : null,
        'ms',
        Goal::atMost(1000, 'ms'),
    );
    yield new Figure('longest operation', $cache['longest'] * 1000, null, 'ms');
    yield $line('stores refused', 'refused');
    yield $ofKills('kills inside of a call', 'inside', 20);
    if (!$cache['hang']) {
        yield $ofKills('kills after which a dead process was cleaned up', 'recoveries');
        yield $ofKills('kills while a lock was held (shards rebuilt)', 'rebuilds', 1);
    }
    yield $line('operations', 'done');
};
