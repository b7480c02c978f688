<?php
/* Every function once, so that none is forgotten: one that bench/functions.php does not have is an error. */
declare(strict_types=1);

return static function (Bench $bench): iterable {
    $steps = require __DIR__ . '/../functions.php';
    $stub = file_get_contents(__DIR__ . '/../../ext/zend/cache.stub.php');
    preg_match_all('/^\s*(?|function (cache_\w+)\(|final class (\w+) implements)/m', $stub, $found);
    $known = array_unique(array_map(static fn (string $name): string => strtok($name, ','), array_keys($steps)));
    if ($missing = array_diff($found[1], $known)) {
        throw new BenchFailed('bench/functions.php lacks ' . implode(', ', $missing));
    }
    if ($gone = array_diff($known, $found[1])) {
        throw new BenchFailed('there is no ' . implode(', ', $gone));
    }

    $rounds = [];
    for ($i = 0; $i < $bench->full(7, 1, 3); ++$i) {
        $rounds[] = $bench->php(
            'functions',
            [$bench->work, $bench->full(300, 30, 100), ...$bench->libraries()],
            settings: ['cache.queue_max_attempts' => 1],
        );
    }
    $over = static fn (string $name, string $library): ?float => isset($rounds[0][$name][$library])
        ? median(array_map(static fn (array $round): float => $round[$name][$library], $rounds))
        : null;
    foreach ($steps as $name => $step) {
        if (!str_contains($name, ',')) {
            $counterpart = isset($step['apcu']) ? preg_replace('/.*\b(apcu_\w+|APCUIterator)\(.*/', '$1', $step['apcu']) : '';
            yield new Figure($name, $over($name, 'cache'), $over($name, 'apcu'), 'ns', more: ['beside' => $counterpart]);
        }
    }
};
