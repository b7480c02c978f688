<?php
/* The core without PHP: what a look-up costs. */
declare(strict_types=1);

return static function (Bench $bench): iterable {
    foreach ($bench->program('get', [$bench->segments, $bench->full(4000, 500)]) as $line) {
        $goal = str_starts_with($line['name'], 'get') ? Goal::atMost(30, 'ns') : null;
        yield new Figure($line['name'], $line['p50'], null, 'ns', $goal, ['p10' => quantity($line['p10'], 'ns')]);
    }
};
