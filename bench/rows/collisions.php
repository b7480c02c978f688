<?php
/* An attacker who chooses keys must not be able to slow the cache down. */
declare(strict_types=1);

return static function (Bench $bench): iterable {
    $results = ['cache' => $bench->php('collisions', [$bench->full(201, 41), 'cache'])];
    if ($bench->apcu !== null) {
        $results['apcu'] = $bench->php('collisions', [$bench->full(3, 1), 'apcu']);
    }
    $slower = array_map(static fn (array $result): float => $result['colliding'] / $result['random'], $results);

    foreach (['colliding', 'random'] as $keys) {
        yield new Figure("$keys keys", $results['cache'][$keys], $results['apcu'][$keys] ?? null, 'ns');
    }
    yield new Figure('colliding / random', $slower['cache'], $slower['apcu'] ?? null, '', Goal::atMost(2));
};
