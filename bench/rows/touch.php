<?php
/*
 * What a worker that has just been started pays for a value that others have stored: its memory is not mapped yet.
 */
declare(strict_types=1);

return static function (Bench $bench): iterable {
    $arguments = [$bench->full(60, 10, 20), ...$bench->libraries()];
    $timed = new Serializers(
        $bench,
        $bench->full(5, 1, 1),
        static fn (array $settings): array => $bench->php('touch', $arguments, '64M', $settings),
    );
    $goals = ['first fetch' => Goal::ratio(0.1), 'both, parent attached' => Goal::ratio(0.1)];
    $ofAChild = ['first call, of an int, parent attached', 'both, parent attached'];
    foreach (['first call, of an int', 'first fetch', 'both', 'walk', 'second fetch', ...$ofAChild] as $step) {
        yield $timed->figure($step, 'µs', $goals[$step] ?? null);
    }
};
