<?php
/*
 * memory.php TYPE LIBRARY: stores values under keys of 16 bytes until something has to go, and on, until there are no
 * more than there were before. Prints how many entries there were when the first went and at most, and the bytes that
 * the segment's file then takes.
 */
declare(strict_types=1);

[, $type, $library] = $argv;
$value = ['int' => 42, 'string' => str_repeat('x', 100)][$type];
$store = "{$library}_store";

if ($library === 'cache') {
    $state = static function (): array {
        $info = cache_info(true);

        return [$info['entries'], $info['evictions'] > 0, $info['segment']['file_bytes']];
    };
} else {
    $state = static function (): array {
        $info = apcu_cache_info(true);

        return [$info['num_entries'], $info['expunges'] > 0, null];
    };
}

$first = null;
$most = $since = 0;
for ($i = 0; $since < 100 && $store(sprintf('key:%012d', $i), $value); ++$i) {
    if ($i % 32 === 0) {
        [$now, $full, $bytes] = $state();
        $first ??= $full ? $most : null;
        $since = $now > $most ? 0 : $since + 1;
        $most = max($most, $now);
    }
}
echo json_encode(['first' => $first ?? $most, 'most' => $most, 'bytes' => $bytes], JSON_THROW_ON_ERROR);
