<?php
/* One process: what a call costs. */
declare(strict_types=1);

return static function (Bench $bench): iterable {
    $rounds = [];
    for ($i = 0; $i < $bench->full(15, 2, 5); $i++) {
        $rounds[] = $bench->php('ops', ['operations', $bench->work, $bench->full(150, 30, 100), ...$bench->libraries()]);
    }
    $over = static fn (string $name, string $library, string $figure): ?float => isset($rounds[0][$name][$library])
        ? median(array_map(static fn (array $round): float => $round[$name][$library][$figure], $rounds))
        : null;

    foreach (require __DIR__ . '/../operations.php' as $operation) {
        foreach (array_keys($operation->names()) as $name) {
            $apcu10 = $over($name, 'apcu', 'p10');
            yield new Figure(
                $name,
                $over($name, 'cache', 'p50'),
                $over($name, 'apcu', 'p50'),
                'ns',
                $operation->goal === null ? null : Goal::ratio($operation->goal),
                [
                    'p10' => quantity($over($name, 'cache', 'p10'), 'ns'),
                    'APCu p10' => $apcu10 === null ? '' : quantity($apcu10, 'ns'),
                ],
            );
        }
    }
};
