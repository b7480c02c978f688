<?php
/*
 * touch.php FORKS LIBRARY...: a process that has just been forked fetches the 1000 rows that another one has stored,
 * walks over all of them and fetches them again. Prints medians by step and by library, in microseconds.
 */
declare(strict_types=1);

require __DIR__ . '/../lib/crew.php';
require __DIR__ . '/../lib/values.php';

const KEY = 'bench:operation:k:01';
const OTHER_KEY = 'bench:operation:k:02';

/** @return list<int|float> what the rows have in them */
function walk(array $rows): array
{
    $ids = $bytes = 0;
    $prices = 0.0;
    foreach ($rows as $row) {
        $ids += $row['id'];
        $prices += $row['price'];
        $bytes += strlen($row['name']);
        foreach ($row['tags'] as $tag) {
            $bytes += strlen($tag);
        }
    }

    return [$ids, $bytes, $prices];
}

/** @return array<string, float> microseconds by step */
function steps(string $library, array $expected): array
{
    $fetch = "{$library}_fetch";
    $times = [hrtime(true)];
    // Attaches to the segment, which has nothing to do with the value.
    $fetch(OTHER_KEY);
    $times[] = hrtime(true);
    $rows = $fetch(KEY);
    $times[] = hrtime(true);
    $sums = walk($rows);
    $times[] = hrtime(true);
    $again = $fetch(KEY);
    $times[] = hrtime(true);
    if ($sums !== $expected || count($again) !== count($rows)) {
        throw new UnexpectedValueException("$library does not answer as it should");
    }
    $steps = [];
    foreach (['first call, of an int', 'first fetch', 'walk', 'second fetch'] as $number => $step) {
        $steps[$step] = ($times[$number + 1] - $times[$number]) / 1000;
    }

    $steps['both'] = $steps['first call, of an int'] + $steps['first fetch'];

    return $steps;
}

[, $forks] = $argv;
$libraries = array_slice($argv, 2);
// In a process of its own: this one and what is forked from it have not touched the memory.
crew([static function () use ($libraries): void {
    foreach ($libraries as $library) {
        "{$library}_store"(KEY, value('1000 nested rows'));
        "{$library}_store"(OTHER_KEY, 42);
    }
}]);
// As in a pool another worker is attached: who comes alone looks through the whole segment first.
$own = getmypid();
$worker = pcntl_fork();
if ($worker === 0) {
    foreach ($libraries as $library) {
        "{$library}_fetch"(OTHER_KEY);
    }
    sleep(600);
    exit(0);
}
register_shutdown_function(static function () use ($own, $worker): void {
    if (getmypid() === $own) {
        posix_kill($worker, SIGKILL);
    }
});
$expected = walk(value('1000 nested rows'));
$times = [];
foreach (['', ', parent attached'] as $parent) {
    if ($parent !== '') {
        array_map(static fn (string $library): mixed => "{$library}_fetch"(OTHER_KEY), $libraries);
    }
    for ($i = 0; $i < $forks; ++$i) {
        foreach ($i % 2 ? array_reverse($libraries) : $libraries as $library) {
            [$steps] = crew([static fn (): array => steps($library, $expected)]);
            foreach ($steps as $step => $time) {
                $times["$step$parent"][$library][] = $time;
            }
        }
    }
}
echo json_encode(
    array_map(static fn (array $step): array => array_map(median(...), $step), $times),
    JSON_PRESERVE_ZERO_FRACTION | JSON_THROW_ON_ERROR,
);
