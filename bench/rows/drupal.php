<?php
/* Drupal's bins: the chain beside the database alone and beside three keys in APCu; emptying a bin. */
declare(strict_types=1);

return static function (Bench $bench): iterable {
    $variants = ['database', 'chain', 'machine', ...($bench->apcu === null ? [] : ['seed'])];
    $rounds = [];
    $run = static fn (string $case, string $kind, float $seconds): array => $bench->php(
        'drupal',
        [$case, $kind, $seconds, $bench->segments],
        '128M',
        extensions: ['mbstring', 'pdo', 'pdo_sqlite'],
    );
    for ($i = 0; $i < $bench->full(5, 1); $i++) {
        foreach (['busy', 'dirty'] as $case) {
            foreach (['arrays', 'strings'] as $form) {
                foreach ($variants as $variant) {
                    $rounds[$case][$form][$variant][] = $run($case, "$form-$variant", $bench->full(2, 0.5));
                }
            }
        }
        foreach (['shared', ...($bench->apcu === null ? [] : ['apcu'])] as $kind) {
            $rounds['empty'][$kind][] = $run('empty', $kind, 0);
        }
    }
    foreach (['busy' => '6 readers of 50 %s, 20 writes a second', 'dirty' => '50 %s, a write before each request'] as $case => $name) {
        foreach (['arrays', 'strings'] as $form) {
            $cpu = static fn (string $variant): ?float => isset($rounds[$case][$form][$variant])
                ? median(array_column($rounds[$case][$form][$variant], 'cpu'))
                : null;
            $touches = static fn (string $variant): ?float => isset($rounds[$case][$form][$variant])
                ? median(array_column($rounds[$case][$form][$variant], 'touches'))
                : null;
            $goals = $case === 'busy' ? [Goal::ratio(0.4), Goal::atMost(74 / 190)] : [null, null];
            foreach (['chain' => sprintf("$name: a request", $form), 'machine' => '... the mark in shared memory alone'] as $variant => $line) {
                yield new Figure($line, $cpu($variant), $cpu('seed'), 'µs', $goals[0]);
                yield new Figure('... of the database alone', $cpu($variant) / $cpu('database'), null, '', $goals[1]);
            }
            yield new Figure('... the database alone', $cpu('database'), null, 'µs');
            yield new Figure('... touches of all writes to the fast backend', $touches('chain'), $touches('seed'), '%');
        }
    }
    yield new Figure(
        'deleteAll() of 100 items beside 100,000 others',
        median(array_column($rounds['empty']['shared'], 'time')),
        isset($rounds['empty']['apcu']) ? median(array_column($rounds['empty']['apcu'], 'time')) : null,
        'µs',
        Goal::atMost(50, 'µs'),
    );
};
