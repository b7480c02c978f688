<?php
/*
 * full.php MEGABYTES LIBRARY SIZES LEAST: fills a cache of that size, then goes on to store new keys until twice as much has gone through
 * it, and LEAST times, and times each of these stores. SIZES: "small", 64 bytes to 4 KB; "large", 64 KB to 1 MB; equally many in each power of two.
 * LIBRARY "none" stores nothing: what is long then is long because the process had to wait. Prints the percentiles in nanoseconds,
 * how many stores there were, and how many were refused.
 */
declare(strict_types=1);

require __DIR__ . '/../lib/latencies.php';

[, $megabytes, $library, $sizes, $leastStores] = $argv;
$bytes = (int) $megabytes << 20;
[$least, $octaves] = $sizes === 'small' ? [64, 6] : [65536, 4];
$blob = random_bytes(2 << 20);
mt_srand(42);
/** @return string another one each time, of which no hash is known */
$value = static function () use ($blob, $least, $octaves): string {
    $octave = $least << mt_rand(0, $octaves - 1);

    return substr($blob, mt_rand(0, 1 << 20), mt_rand($octave, 2 * $octave));
};
$store = $library === 'none' ? static fn (): bool => true : "{$library}_store"(...);

for ($stored = $number = 0; $stored < 1.2 * $bytes; ++$number) {
    $one = $value();
    $store("full:$number", $one);
    $stored += strlen($one);
}
$first = $number;
$refused = 0;
$times = new Latencies();
// A small cache of large values would have too few of them for its percentiles.
for ($stored = 0; $stored < 2 * $bytes || $number - $first < $leastStores; ++$number) {
    $key = "full:$number";
    $one = $value();
    $before = hrtime(true);
    $done = $store($key, $one);
    $times->add(hrtime(true) - $before);
    $refused += $done ? 0 : 1;
    $stored += strlen($one);
}
echo json_encode(
    ['times' => $times->percentiles(), 'stores' => $number - $first, 'refused' => $refused],
    JSON_THROW_ON_ERROR,
);
