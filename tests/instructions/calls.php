<?php
/*
 * calls.php CALLS ROUNDS: does CALLS, a multiple of 128, and then twice as many calls of each of the hot paths, ROUNDS times. Run under callgrind, which
 * writes down the instructions since the last time whenever a process enters the function cache_enabled(): before each of
 * these loops, and after it. Prints the names of the paths, one a line, in the order of the loops.
 */
declare(strict_types=1);

/* Where a key lies, and what its look-up costs, is another thing in each segment: so there are some of them. */
const KEYS = 128;

/** @return list<string> */
function computed(string $kind): array
{
    return array_map(static fn (int $i): string => sprintf('instructions:%s:%02d', $kind, $i), range(0, KEYS - 1));
}

/** @return list<string> the same, as they are when they stand in the code: PHP has one string for all places */
function literal(string $kind): array
{
    $code = '';
    foreach (computed($kind) as $i => $key) {
        $code .= "$i => '$key', ";
    }

    return array_map(eval("return static fn (int \$i): string => match (\$i) { $code };"), range(0, KEYS - 1));
}

/** @return array<string, Closure> functions of the number of a key that return what is not false, by the names of the paths */
function paths(callable $keys, string $name): array
{
    [$ints, $strings, $arrays, $stale, $none] = array_map($keys, ['int', 'string', 'array', 'stale', 'none']);
    [$intsStored, $stringsStored, $arraysStored] = array_map($keys, ['int stored', 'string stored', 'array stored']);
    $many = array_slice($ints, 0, 20);
    $kilobyte = str_repeat('x', 1024);
    $rows = array_map(static fn (int $i): array => ['id' => $i, 'name' => "Member $i", 'points' => $i * 7], range(1, 20));
    $member = ['id' => 4711, 'name' => 'Ada', 'mail' => 'ada@example.org', 'active' => true, 'score' => 12.5, 'parent' => null];
    for ($i = 0; $i < KEYS; ++$i) {
        cache_store($ints[$i], 42);
        cache_store($strings[$i], $kilobyte);
        cache_store($arrays[$i], $rows);
        cache_store($stale[$i], 42, 3600, 3600);
    }

    return [
        "fetch int, $name" => static fn (int $i) => cache_fetch($ints[$i]),
        "fetch 1 KB string, $name" => static fn (int $i) => cache_fetch($strings[$i]),
        "fetch array, $name" => static fn (int $i) => cache_fetch($arrays[$i]),
        "fetch 20 keys, $name" => static fn (int $i) => cache_fetch($many),
        "fetch, a miss, $name" => static fn (int $i) => cache_fetch($none[$i]) === false,
        "fetch_stale, fresh, $name" => static fn (int $i) => cache_fetch_stale($stale[$i], $state, $lease, 10.0),
        "exists, $name" => static fn (int $i) => cache_exists($ints[$i]),
        "inc, $name" => static fn (int $i) => cache_inc($stale[$i]),
        "cas, $name" => static fn (int $i) => cache_cas($ints[$i], 42, 42),
        "cas_touch, $name" => static function (int $i) use ($stale): bool {
            // Whether the clock has gone on by a microsecond would be another path.
            static $stamp = 0;
            $stamp = $stamp ? $stamp + 1 : (int) (microtime(true) * 1e6) - 60_000_000;

            return cache_cas_touch($stale[$i], null, $stamp);
        },
        "store int, $name" => static fn (int $i) => cache_store($intsStored[$i], 42),
        "store 1 KB string, $name" => static fn (int $i) => cache_store($stringsStored[$i], $kilobyte),
        "store array, $name" => static fn (int $i) => cache_store($arraysStored[$i], $member),
    ];
}

$calls = (int) ($argv[1] ?? 960);
$rounds = (int) ($argv[2] ?? 3);
foreach (paths(literal(...), 'literal key') + paths(computed(...), 'computed key') as $name => $call) {
    // What happens at the first calls only, such as growing a table, is none of the loops'.
    for ($i = 0; $i < 2 * KEYS; ++$i) {
        if (!$call($i % KEYS)) {
            fwrite(STDERR, "$name does not answer as it should\n");
            exit(1);
        }
    }
    for ($round = 0; $round < $rounds; ++$round) {
        echo "$name\n";
        foreach ([$calls, 2 * $calls] as $count) {
            cache_enabled();
            for ($i = 0; $i < $count; ++$i) {
                $call($i % KEYS);
            }
            cache_enabled();
        }
    }
}
