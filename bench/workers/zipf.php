<?php
/*
 * zipf.php REQUESTS LIBRARY: get, and store 1 KB after a miss; Zipf 1.0 over 100,000 keys, seed 42. Prints the hit
 * ratio in percent, from empty, and the mean number of entries once the cache was full.
 */
declare(strict_types=1);

const KEYS = 100_000;

/** @return Closure(): int numbers below KEYS, the small ones more often */
function zipf(): Closure
{
    $sums = [];
    $sum = 0.0;
    for ($i = 1; $i <= KEYS; ++$i) {
        $sums[] = $sum += 1 / $i;
    }
    mt_srand(42);

    return static function () use ($sums, $sum): int {
        $number = mt_rand() / mt_getrandmax() * $sum;
        $low = 0;
        $high = KEYS - 1;
        while ($low < $high) {
            $middle = $low + $high >> 1;
            if ($sums[$middle] > $number) {
                $high = $middle;
            } else {
                $low = $middle + 1;
            }
        }

        return $low;
    };
}

[, $requests, $library] = $argv;
$fetch = "{$library}_fetch";
$store = "{$library}_store";
$entries = $library === 'cache'
    ? static fn (): int => cache_info(true)['entries']
    : static fn (): int => apcu_cache_info(true)['num_entries'];
$value = str_repeat('x', 1024);
$next = zipf();
$hits = $misses = 0;
$samples = [];
for ($i = 0; $i < $requests; ++$i) {
    $key = 'page:' . $next();
    if ($fetch($key) !== false) {
        ++$hits;
    } elseif ($store($key, $value)) {
        ++$misses;
    } else {
        fwrite(STDERR, "$library does not store $key\n");
        exit(1);
    }
    if ($i % 1000 === 999 && $i > $requests / 4) {
        $samples[] = $entries();
    }
}
echo json_encode([
    'percent' => 100 * $hits / $requests,
    'entries' => array_sum($samples) / count($samples),
], JSON_THROW_ON_ERROR);
