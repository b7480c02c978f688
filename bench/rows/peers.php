<?php
/*
 * Other ways to keep a value between requests, and other builds of APCu. Those that can be loaded together take turns in one
 * process; each build of APCu and each of its serializers needs a process of its own, in which the cache is measured, too.
 */
declare(strict_types=1);

require_once __DIR__ . '/../lib/peers.php';
require_once __DIR__ . '/../lib/values.php';

return static function (Bench $bench): iterable {
    $extensions = [];
    $wanted = ['yac' => [$bench->yac], 'memcached' => ['msgpack', 'memcached'], 'redis' => ['redis']];
    foreach ($wanted as $peer => $files) {
        if (!in_array(null, $files, true) && $bench->loads($files)) {
            array_push($extensions, ...$files);
        }
    }
    $rounds = peerRounds($bench, $extensions);

    $absent = array_map(static fn (string $peer): string => PEER_NAMES[$peer], $rounds['absent']);
    if ($absent) {
        yield new Figure('not there: ' . implode(', ', $absent), null);
    }
    foreach (['fetch', 'store'] as $what) {
        foreach (VALUE_CLASSES as $value) {
            yield peerFigure("$what $value", $rounds['times']["$what $value"]);
        }
    }
};

/**
 * @param list<string> $extensions of the peers
 * @return array{times: array<string, array<string, float>>, absent: list<string>} medians by operation and by the names of columns
 */
function peerRounds(Bench $bench, array $extensions): array
{
    $chunks = $bench->full(60, 4, 20);
    $settings = [
        'yac.enable_cli' => 1, 'yac.keys_memory_size' => '8M', 'yac.values_memory_size' => '256M', 'opcache.memory_consumption' => 512,
    ];
    $lists = [];
    $absent = [];
    for ($i = 0; $i < $bench->full(5, 1, 2); ++$i) {
        $others = array_keys(PEER_NAMES);
        $run = $bench->php('peers', [$bench->work, $chunks, 'cache', ...$others], '256M', $settings, extensions: $extensions);
        $absent = $run['absent'];
        collect($lists, $run['times'], '');
        foreach ($bench->apcu === null ? [] : [$bench->apcu, ...$bench->otherApcus] as $number => $apcu) {
            $name = $number === 0 ? 'APCu' : sprintf('APCu #%d (%s)', $number + 1, apcuVersion($bench, $apcu));
            foreach ($bench->serializers() as $serializer) {
                $run = $bench->php(
                    'peers',
                    [$bench->work, $chunks, 'cache', 'apcu'],
                    '256M',
                    ['apc.serializer' => $serializer],
                    apcu: $apcu,
                );
                collect($lists, $run['times'], "$name, $serializer");
            }
        }
    }
    $times = array_map(static fn (array $columns): array => array_map(median(...), $columns), $lists);

    return ['times' => $times, 'absent' => $absent];
}

/**
 * @param array<string, array<string, list<float>>> $lists
 * @param array<string, array<string, float>> $times
 */
function collect(array &$lists, array $times, string $apcu): void
{
    foreach ($times as $operation => $of) {
        foreach ($of as $peer => $time) {
            $lists[$operation][$peer === 'apcu' ? $apcu : $peer][] = $time;
        }
    }
}

function apcuVersion(Bench $bench, string $apcu): string
{
    static $versions = [];

    return $versions[$apcu] ??= $bench->php('versions', ['cache', 'apcu'], apcu: $apcu)['apcu'];
}

/** @param array<string, float> $times by column; of APCu with each serializer the fastest is shown */
function peerFigure(string $operation, array $times): Figure
{
    $columns = [];
    foreach (array_diff_key($times, ['cache' => 0]) as $name => $time) {
        $column = PEER_NAMES[$name] ?? strtok($name, ',');
        $columns[$column] = min($columns[$column] ?? INF, $time);
    }
    $columns = isset($columns['APCu']) ? ['APCu' => $columns['APCu']] + $columns : $columns;
    // What is below the noise has no ratio.
    $best = array_search(min(array_filter($columns, static fn (float $time): bool => $time > 0) ?: [NAN]), $columns, true);
    $cells = array_map(static fn (float $time): string => quantity($time, 'ns'), array_diff_key($columns, ['APCu' => 0]));

    return new Figure(
        $operation,
        $times['cache'],
        $columns['APCu'] ?? null,
        'ns',
        $best === false ? null : Goal::best($columns[$best]),
        $cells + ($best === false ? [] : ['best' => $best, '/ best' => ratio($times['cache'] / $columns[$best])]),
        [new Point('peers-' . strtok($operation, ' '), substr($operation, 6), ['cache' => $times['cache']] + $columns)],
    );
}
