<?php

/*
 * On the command line: cache_info() for people.
 *
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

$info = cache_info();
if (!$info['enabled']) {
    fwrite(STDERR, "the cache is disabled: $info[reason]\n");
    exit(1);
}

$memory = $info['memory'];
$classes = array_filter($memory['classes'], static fn (array $class) => $class['used'] > 0);
$histograms = $info['histograms'];
unset($memory['classes'], $info['histograms']);

table('segment', [
    'path' => $info['segment']['path'],
    'size, upper bound' => bytes($info['segment']['size']),
    'file' => bytes($info['segment']['file_bytes']),
    'mode' => $info['segment']['mode'],
    'created' => date('Y-m-d H:i:s', intdiv($info['segment']['created'], 1_000_000)),
    'shards' => $info['segment']['shards'],
    'processes attached' => $info['segment']['processes'] . ' of ' . $info['segment']['processes_max'],
]);
table('memory', [
    'taken from the file system' => bytes($memory['total']),
    'in use' => bytes($memory['used']),
    'free' => bytes($memory['free']),
    'index' => bytes($memory['index']),
    'waiting for readers' => bytes($memory['retired']),
    'pins held' => $memory['pinned'],
]);
columns(
    ['size class', 'blocks used', 'pages'],
    array_map(static fn (array $class) => [
        $class['block_size'] ? bytes($class['block_size']) : 'larger',
        number_format($class['used']),
        number_format($class['pages']),
    ], $classes),
);
table('contents and counters', counters(array_diff_key($info, array_flip(['enabled', 'version', 'segment', 'memory']))));
histogram('time since the last hit, at a hit', $histograms['hit_idle']);
histogram('age of entries when they were evicted', $histograms['eviction_age']);

/**
 * @param array<string, int|array<string, int>> $info
 * @return array<string, string> those that have counted something
 */
function counters(array $info, string $prefix = ''): array
{
    $rows = [];
    foreach ($info as $name => $value) {
        $name = $prefix . strtr($name, '_', ' ');
        if (is_array($value)) {
            $rows += counters($value, "$name: ");
        } elseif ($value !== 0) {
            $rows[$name] = number_format($value);
        }
    }

    return $rows;
}

/** @param array<string, string|int> $rows */
function table(string $title, array $rows): void
{
    heading($title);
    foreach ($rows as $name => $value) {
        printf("  %-28s %s\n", $name, $value);
    }
}

/**
 * @param list<string> $titles
 * @param array<list<string>> $rows
 */
function columns(array $titles, array $rows): void
{
    heading(vsprintf('%12s %12s %12s', $titles));
    foreach ($rows as $row) {
        vprintf("  %12s %12s %12s\n", $row);
    }
}

/** @param list<int> $buckets the first: below 1 s, the i-th below 2^i s */
function histogram(string $title, array $buckets): void
{
    if (!array_filter($buckets)) {
        return;
    }
    heading($title);
    foreach ($buckets as $i => $count) {
        if ($count > 0) {
            printf("  below %6s s %12s %s\n", 2 ** $i, number_format($count), str_repeat('#', (int) ceil(40 * $count / max($buckets))));
        }
    }
}

function heading(string $title): void
{
    echo '  ', getenv('BOLD'), $title, getenv('PLAIN'), "\n";
}

function bytes(int $bytes): string
{
    foreach (['bytes', 'KB', 'MB', 'GB', 'TB'] as $i => $unit) {
        if ($bytes < 1024 ** ($i + 1) || $unit === 'TB') {
            return $i ? sprintf('%.1f %s', $bytes / 1024 ** $i, $unit) : "$bytes $unit";
        }
    }
}
