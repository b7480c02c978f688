<?php
/* A page that does nothing but write, for a while: most of the time it is inside of a call, and often it holds a lock of a shard. */
declare(strict_types=1);

require_once __DIR__ . '/common.php';

for ($until = microtime(true) + 0.05, $writes = 0; microtime(true) < $until; ++$writes) {
    $key = 'churn:' . mt_rand(0, 63);
    $value = cache_fetch($key, $found);
    expect(!$found || (is_string($value) && $value === str_repeat($value[0], strlen($value))), "$key is whole", $value);
    match (mt_rand(0, 4)) {
        0 => cache_delete($key),
        1 => cache_store([$key => str_repeat('m', mt_rand(1, 300)), 'churn:a' => 'aa', 'churn:b' => 'bb']),
        default => cache_store($key, str_repeat(chr(mt_rand(97, 122)), mt_rand(1, 9000)), mt_rand(0, 3) / 10),
    };
}
$report = ['slot' => null, 'hits' => 0, 'merged' => 0, 'pushed' => '', 'writes' => $writes];
echo json_encode($report + ['violations' => array_slice(violations(), 0, 5)]);
