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
require __DIR__ . '/../lib/latencies.php';

const PROCESSES = 16;
const KEYS = 20;

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
    $times = new Latencies();
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
        $times->add($after - $before);
    }

    return [$times, $gone];
};

$results = crew(array_fill(0, PROCESSES, $loop));
$times = Latencies::of(array_column($results, 0));
echo json_encode([
    'p50' => $times->at(50),
    'p99' => $times->at(99),
    'p99.9' => $times->at(99.9),
    'max' => $times->max(),
    'a second' => $times->count() / $seconds,
    'long' => $times->long() / $seconds,
    'gone' => array_sum(array_column($results, 1)),
], JSON_THROW_ON_ERROR);
