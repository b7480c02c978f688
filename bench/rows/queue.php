<?php
/* The rebuild queue: what its calls cost, how soon a worker is awake, how many jobs go through. */
declare(strict_types=1);

return static function (Bench $bench): iterable {
    $goals = ['push' => Goal::atMost(500, 'ns'), 'pop and ack' => Goal::atMost(2000, 'ns')];
    foreach ($bench->program('queue', [$bench->segments, $bench->full(4000, 500)]) as $line) {
        $goal = $line['unit'] === '/s' ? Goal::atLeast(200_000, '/s') : null;
        yield new Figure("core: $line[name]", $line['value'], null, $line['unit'], $goal);
    }
    foreach ($bench->php('queue', ['calls', $bench->full(60, 5)]) as $name => $time) {
        yield new Figure($name, $time, null, 'ns', $goals[$name] ?? null);
    }
    $wake = $bench->php('queue', ['wake', $bench->full(1000, 100)]);
    yield new Figure('from a push until an idle worker has the job', $wake['median'], null, 'µs', Goal::atMost(100, 'µs'), [
        'p99' => quantity($wake['p99'], 'µs'),
    ]);
    $worker = $bench->php('queue', ['worker', $bench->full(20_000, 2_000)], settings: ['cache.queue_size' => 65_536]);
    yield new Figure('php_src: a job whose loader does nothing', $worker['worker'], null, 'µs', Goal::atMost(20, 'µs'));
    yield new Figure('... pop, lease, commit and ack by hand', $worker['bare functions'], null, 'µs');
};
