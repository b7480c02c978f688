<?php
/*
 * collisions.php CHUNKS LIBRARY: "Ez" and "FY" have the same hash in PHP, and so has every string of 14 of them.
 * Prints what one fetch costs in nanoseconds among 16,384 such keys, and among as many random ones of that length:
 * medians of chunks that take turns; each fetches all keys.
 */
declare(strict_types=1);

require __DIR__ . '/../lib/statistics.php';

const BLOCKS = 14;

/** @return list<string> */
function colliding(): array
{
    $keys = [''];
    for ($i = 0; $i < BLOCKS; ++$i) {
        $keys = array_merge(...array_map(static fn (string $key): array => [$key . 'Ez', $key . 'FY'], $keys));
    }

    return $keys;
}

/** @return list<string> */
function random(int $count): array
{
    mt_srand(42);
    $keys = [];
    for ($i = 0; $i < $count; ++$i) {
        $key = '';
        for ($j = 0; $j < 2 * BLOCKS; ++$j) {
            $key .= chr(mt_rand(65, 90));
        }
        $keys[] = $key;
    }

    return $keys;
}

/** @param list<string> $keys */
function fetchAll(callable $fetch, array $keys): float
{
    $start = hrtime(true);
    foreach ($keys as $key) {
        if ($fetch($key) !== 1) {
            throw new UnexpectedValueException("$key is not there");
        }
    }

    return (hrtime(true) - $start) / count($keys);
}

[, $chunks, $library] = $argv;
$fetch = "{$library}_fetch";
$store = "{$library}_store";
$sets = ['colliding' => colliding()];
$sets['random'] = random(count($sets['colliding']));
foreach ($sets as $keys) {
    shuffle($keys);
    foreach ($keys as $key) {
        $store($key, 1);
    }
}
$times = [];
for ($i = 0; $i < $chunks; ++$i) {
    foreach ($sets as $name => $keys) {
        $times[$name][] = fetchAll($fetch, $keys);
    }
}
echo json_encode(array_map(median(...), $times), JSON_THROW_ON_ERROR);
