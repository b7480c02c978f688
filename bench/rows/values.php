<?php
/*
 * One process: whole values. APCu stores a value through its serializer, except for strings and numbers; which of the
 * three is the fastest depends on the value.
 */
declare(strict_types=1);

/* A fetch that copies nothing costs what the fetch of an int does, whatever the value. */
const OF_FETCH_INT = 1.5;

/* The quotient of two figures that have taken turns. */
const QUOTIENT = ' / fetch int';

return static function (Bench $bench): iterable {
    $libraries = $bench->libraries();
    $arguments = ['values', $bench->work, $bench->full(100, 10), ...$libraries];
    $timed = new Serializers(
        $bench,
        $bench->full(7, 1),
        static fn (array $settings): array => medians($bench->php('ops', $arguments, '64M', $settings)),
    );
    foreach (require __DIR__ . '/../values.php' as $operation) {
        yield from valueFigures($operation, $timed);
    }

    // Or APCu would walk long chains.
    $settings = ['apc.entries_hint' => 16384];
    foreach (ARRAYS as $value) {
        $arguments = [$value, $bench->work, $bench->full(40, 10), ...$libraries];
        $untouched = new Serializers(
            $bench,
            $bench->full(3, 1),
            static fn (array $more): array => medians($bench->php('untouched', $arguments, '512M', $settings + $more)),
        );
        yield $untouched->figure("store $value, new pages", 'ns', Goal::ratio(1.0));
    }
};

/**
 * @param array<string, array<string, array{p50: float, p10: float}>> $operations
 * @return array<string, array<string, float>>
 */
function medians(array $operations): array
{
    $medians = [];
    foreach ($operations as $name => $figures) {
        $medians[$name] = array_map(static fn (array $figure): float => $figure['p50'], $figures);
        if (isset($medians[$name]['fetch int'])) {
            $medians[$name . QUOTIENT] = ['cache' => $medians[$name]['cache'] / $medians[$name]['fetch int']];
        }
    }

    return $medians;
}

/** @return iterable<Figure> */
function valueFigures(Operation $operation, Serializers $timed): iterable
{
    $name = $operation->name;
    $goal = $operation->goal === null ? null : Goal::ratio($operation->goal);
    $others = [];
    foreach (['unserialize', 'igbinary_unserialize'] as $other) {
        $time = $timed->over($name, $other);
        $others += $time === null ? [] : [$other => quantity($time, 'ns')];
    }
    yield $operation->plain
        ? new Figure($name, $timed->over($name, 'cache'), $timed->over($name, 'apcu'), 'ns', $goal)
        : $timed->figure($name, 'ns', $goal, more: $others);

    $quotient = $timed->over($name . QUOTIENT, 'cache');
    if ($quotient !== null) {
        yield new Figure($name . QUOTIENT, $quotient, null, '', Goal::atMost(OF_FETCH_INT));
    }
}
