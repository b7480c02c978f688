<?php
/*
 * bytes.php LIBRARY...: stores each of the values under a key of 20 bytes. Prints, by value and by library, the bytes
 * of its entry: of the cache the block in the segment, with what rounding wastes; of APCu what it has asked its
 * allocator for, without that one's own 32 bytes.
 */
declare(strict_types=1);

require __DIR__ . '/../lib/values.php';

const KEY = 'bench:operation:k:01';

$libraries = array_slice($argv, 1);
$bytes = [
    'cache' => static fn (): int => cache_key_info(KEY)['size'],
    'apcu' => static fn (): int => apcu_cache_info()['cache_list'][0]['mem_size'],
];
$results = [];
foreach (VALUES as $name) {
    foreach ($libraries as $library) {
        "{$library}_store"(KEY, value($name));
        if ("{$library}_fetch"(KEY) != value($name)) {
            fwrite(STDERR, "$name: $library does not answer as it should\n");
            exit(1);
        }
        $results[$name][$library] = (float) $bytes[$library]();
    }
}
echo json_encode($results, JSON_PRESERVE_ZERO_FRACTION | JSON_THROW_ON_ERROR);
