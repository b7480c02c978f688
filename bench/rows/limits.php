<?php
/* One process: beside what nobody can be faster than. */
declare(strict_types=1);

/* What a call does that the limit beside it does not. */
const BEYOND_LIMIT = [
    'fetch an int' => 'finds the key in memory that others change, looks whether it is in time, counts the hit',
    'fetch 1000 rows' => 'the same, and takes and returns a pin, which is a fence',
    'fetch a string of 1 MB' => 'the same, and keeps the length of the string known to PHP',
    'a miss' => 'looks at a bucket, and again at its layout; counts the miss',
    'exists' => 'as a fetch',
    'inc' => 'a pin, and an exchange that other processes see',
    'store an int' => 'takes and releases a lock, fills a block, commits, gives the old block back when nobody reads it',
    'store a string of 1 KB' => 'the same, and the sum of the bytes, so that damage is found',
    'store a string of 10 KB' => 'the sum of the bytes',
    'store a string of 100 KB' => 'the sum of the bytes; other lines of memory each time, since the old value may still be read',
    'store a string of 1 MB' => 'the sum of the bytes; other lines of memory each time, since the old value may still be read',
];

return static function (Bench $bench): iterable {
    $rounds = [];
    for ($i = 0; $i < $bench->full(7, 2, 3); $i++) {
        $rounds[] = $bench->php('ops', ['limits', $bench->work, $bench->full(100, 20, 60), 'cache']);
    }
    foreach (require __DIR__ . '/../limits.php' as $operation) {
        $over = static fn (string $contender): ?float => isset($rounds[0][$operation->name][$contender])
            ? median(array_map(static fn (array $round): float => $round[$operation->name][$contender]['p50'], $rounds))
            : null;
        $time = $over('cache');
        $shown = static fn (?float $limit): string => $limit === null ? '' : quantity($limit, 'ns');
        $ratio = static fn (?float $limit): string => $limit === null ? '' : sprintf($time < 100 * $limit ? '%.1f' : '%.0f', $time / $limit);
        yield new Figure($operation->name, $time, null, 'ns', null, [
            'a call of nothing' => $shown($over('call')),
            '× nothing' => $over('copy') === null ? $ratio($over('call')) : '',
            'plain array' => $shown($over('read')),
            'one copy' => $shown($over('copy')),
            '× the copy' => $ratio($over('copy')),
            'what it does beyond' => BEYOND_LIMIT[$operation->name],
        ]);
    }
};
