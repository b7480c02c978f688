<?php
/*
 * latency.php SECONDS LIBRARY: 16 processes fetch and store the same 20 small objects (the loop of
 * https://github.com/krakjoe/apcu/issues/333). Prints how long one fetch and store took, in nanoseconds; how many were
 * done a second, and how many of them took long; and how often an object was gone. LIBRARY "none": each process keeps
 * its objects to itself and spends about as much time on it; what is long then is long because the process had to wait
 * for a processor.
 */
declare(strict_types=1);

require __DIR__ . '/../lib/crew.php';

const PROCESSES = 16;
const KEYS = 20;
/* Times below FINE_NS are counted in steps of STEP_NS, others are kept as they are. */
const FINE_NS = 65536;
const STEP_NS = 16;

function object(int $id): stdClass
{
    return (object) ['id' => $id, 'name' => "Object $id", 'count' => 0];
}

function none_fetch(string $key): stdClass
{
    for ($i = 0; $i < 220; ++$i);

    return none($key);
}

function none_store(string $key, stdClass $object): void
{
    none($key, $object);
}

function none(string $key, ?stdClass $object = null): stdClass
{
    static $objects = [];

    return $objects[$key] = $object ?? clone $objects[$key];
}

[, $seconds, $library] = $argv;
$fetch = "{$library}_fetch";
$store = "{$library}_store";

$fill = static function () use ($store): void {
    for ($i = 0; $i < KEYS; ++$i) {
        $store("object:$i", object($i));
    }
};

$loop = static function (float $start) use ($fill, $fetch, $store, $seconds): array {
    $fine = array_fill(0, FINE_NS / STEP_NS, 0);
    $long = [];
    $gone = 0;
    $fill();
    awaitTime($start);
    $end = ($start + $seconds) * 1e9;
    for ($i = 0, $after = 0; $after < $end; ++$i) {
        $key = 'object:' . $i % KEYS;
        $before = hrtime(true);
        $object = $fetch($key);
        if ($object === false) {
            ++$gone;
            $object = object($i % KEYS);
        }
        ++$object->count;
        $store($key, $object);
        $after = hrtime(true);
        $time = $after - $before;
        if ($time < FINE_NS) {
            ++$fine[intdiv($time, STEP_NS)];
        } else {
            $long[] = $time;
        }
    }

    return [$fine, $long, $gone];
};

$fine = array_fill(0, FINE_NS / STEP_NS, 0);
$long = [];
$gone = 0;
foreach (crew(array_fill(0, PROCESSES, $loop)) as [$counts, $times, $missing]) {
    $gone += $missing;
    foreach ($counts as $step => $count) {
        $fine[$step] += $count;
    }
    array_push($long, ...$times);
}
sort($long);
$all = array_sum($fine) + count($long);

$at = static function (float $percent) use ($fine, $long, $all): int {
    $rank = (int) ($all * $percent / 100);
    foreach ($fine as $step => $count) {
        if ($rank < $count) {
            return $step * STEP_NS + STEP_NS / 2;
        }
        $rank -= $count;
    }

    return $long[$rank];
};
echo json_encode([
    'p50' => $at(50),
    'p99' => $at(99),
    'p99.9' => $at(99.9),
    'max' => end($long) ?: FINE_NS,
    'a second' => $all / $seconds,
    'long' => count($long) / $seconds,
    'gone' => $gone,
], JSON_THROW_ON_ERROR);
