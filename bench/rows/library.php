<?php
/* The library in php_src: what it adds to the function of the extension beneath. */
declare(strict_types=1);

return static function (Bench $bench): iterable {
    $goals = ['Pool::get()' => Goal::atMost(130, 'ns'), 'PSR-16 get()' => Goal::atMost(130, 'ns')];
    foreach ($bench->php('library', ['calls', $bench->full(2000, 100)]) as $name => ['bare' => $bare, 'added' => $added]) {
        yield new Figure("$name, beyond $bare[name]", $added, null, 'ns', $goals[$name] ?? null, [
            $bare['name'] => quantity($bare['time'], 'ns'),
        ]);
    }
    $clear = $bench->php('library', ['clear', $bench->full(200, 20)], '256M');
    yield new Figure('clear() of a pool of 100 beside 100,000 foreign entries', $clear['median'], null, 'µs', Goal::atMost(50, 'µs'));
};
