<?php
/*
 * untouched.php VALUE WORK CHUNKS LIBRARY...: stores the value, each time under a new key and so into memory that
 * nobody has touched since the segment was made. Chunks of the libraries and of the empty loop take turns. Prints as
 * ops.php.
 */
declare(strict_types=1);

require __DIR__ . '/../lib/timing.php';

/* More calls would measure the index, and none may have to make room. */
const CALLS_MAX = 10_000;
const BYTES_MAX = 320 << 20;

[, $name, $work, $chunks] = $argv;
$libraries = array_slice($argv, 4);
$operations = array_filter(
    require __DIR__ . '/../values.php',
    static fn (Operation $operation): bool => $operation->name === "store $name",
);
$operation = current($operations);
[$functions] = compiled([[$operation, Keys::New]], $libraries, "$work/untouched.php");

/* With what is always there, chunks would be so small that the median of those with a small value had no new page in them. */
$used = static fn (): array => [
    cache_info(true)['memory']['used'],
    in_array('apcu', $libraries, true) ? apcu_cache_info(true)['mem_size'] : 0,
];
$before = $used();
check($operation, $functions['sample']);
$bytes = max(array_map(static fn (int $after, int $before): int => $after - $before, $used(), $before));
$calls = max(1, intdiv(min(CALLS_MAX, intdiv(BYTES_MAX, $bytes)), (int) $chunks));
$results = timed($functions['chunk'], array_map(static fn (): int => $calls, $functions['chunk']), (int) $chunks);
foreach ($libraries as $library) {
    $info = $library === 'cache' ? cache_info(true) : apcu_cache_info(true);
    if (($info['evictions'] ?? $info['expunges']) > 0) {
        fail("$library had to make room");
    }
}
echo json_encode(["store $name, new pages" => $results], JSON_THROW_ON_ERROR);
