<?php
/* Words, stale values, and who rebuilds them. */
declare(strict_types=1);

/* Entries that carry one tag. */
const TAGGED = [10, 1_000_000];

return static function (Bench $bench): iterable {
    $rounds = [];
    for ($i = 0; $i < $bench->full(5, 1); $i++) {
        $rounds['words']['-'][] = $bench->php('stale', ['words', '-', $bench->full(2, 0.3)]);
        foreach (TAGGED as $entries) {
            $rounds['tags'][$entries][] = $bench->php('stale', ['tags', $entries, 0], '512M');
        }
        foreach (['touches' => 3, 'expiry' => 3, 'calm' => 3, 'cold' => 2, 'writeback' => 1] as $case => $seconds) {
            foreach ($bench->libraries() as $library) {
                $rounds[$case][$library][] = $bench->php('stale', [$case, $library, $bench->full($seconds, 1)]);
            }
        }
    }
    $over = static fn (string $case, string $figure, string|int $library): ?float => isset($rounds[$case][$library])
        ? median(array_column($rounds[$case][$library], $figure))
        : null;
    $word = static fn (string $name): ?float => isset($rounds['words']['-'][0][$name]) ? $over('words', $name, '-') : null;
    // Of calls that have taken turns.
    $quotient = static fn (string $name, string $of): float => median(array_map(
        static fn (array $round): float => $round[$name] / $round[$of],
        $rounds['words']['-'],
    ));

    foreach (['cas_touch' => 'cas', 'cas_touch, ttl' => 'cas, ttl'] as $name => $of) {
        yield new Figure($name, $word($name), null, 'ns');
        yield new Figure("$name / $of", $quotient($name, $of), null, '', Goal::atMost(1.2));
    }
    yield new Figure('cas_touch, item of 2.8 KB', $word('cas_touch, item'), $word('APCu store item'), 'ns', Goal::ratio(0.1));
    yield new Figure('store_if_changed, same item', $word('store_if_changed item'), $word('APCu store item'), 'ns');
    yield new Figure('store item', $word('store item'), $word('APCu store item'), 'ns');
    yield new Figure('cas_touch to now', $word('cas_touch to now'), null, 'ns');
    foreach (['int', 'int, ttl', 'item'] as $value) {
        $name = "fetch_stale $value, fresh, of";
        yield new Figure("fetch_stale $value, fresh", $word("fetch_stale $value"), null, 'ns');
        yield new Figure(
            "$name fetch with \$success",
            $quotient("fetch_stale $value", "fetch $value"),
            null,
            '',
            Goal::atMost(1.2),
        );
        yield new Figure(
            "$name fetch, by the key alone",
            $quotient("fetch_stale $value, short", "fetch $value, short"),
            null,
            '',
            Goal::atMost(1.2),
        );
    }

    foreach (TAGGED as $entries) {
        $name = 'tag_invalidate, ' . number_format($entries) . ' entries, the clock included';
        yield new Figure($name, $over('tags', 'time', $entries), null, 'ns');
    }

    $line = static fn (string $name, string $case, string $figure, string $unit, ?Goal $goal, float $factor = 1): Figure
        => new Figure(
            $name,
            $factor * $over($case, $figure, 'cache'),
            $over($case, $figure, 'apcu') === null ? null : $factor * $over($case, $figure, 'apcu'),
            $unit,
            $goal,
        );
    yield $line('8 processes renew 50 items: waits of a reader in 1,000 reads', 'touches', 'waits', '', Goal::atMost(0));
    yield $line('... renewals a second', 'touches', 'writes', '/s', null);
    yield $line('24 readers: rebuilds for each expiry', 'expiry', 'rebuilds', '', Goal::atMost(1));
    yield $line('... p99 of a read', 'expiry', 'p99', 'µs', null, 1e-3);
    yield $line('... p99 of a read of what does not expire', 'calm', 'p99', 'µs', null, 1e-3);
    yield $line('8 processes, cold: how often the value is made', 'cold', 'builds', '', Goal::atMost(1));
    yield $line('50 items written back unchanged: processor', 'writeback', 'cpu', 'µs', Goal::ratio(0.4));
    yield $line('... of them only touched', 'writeback', 'touches', '%', Goal::atLeast(99, '%'));
};
