<?php
/*
 * For each operation: children with so many bytes more than they have, from none to enough. Prints as JSON how they ended. The limit is
 * set to what is in use and the bytes; memory_get_usage() is exact where PHP takes each allocation from malloc().
 */
declare(strict_types=1);

require_once __DIR__ . '/common.php';

$ballast = str_repeat('b', 4_000_000); // memory_limit has a least value
foreach (KINDS as $kind) {
    cache_store("$kind:1", makeValue($kind, 1), 0, 0, ['tag one', 'tag two']);
}
cache_store('list', range(1, 300));
cache_store('graph', array_map(makeNode(...), range(1, 6)));

$rows = makeValue('rows', 7);
$wrapped = [new Wrapped(1, str_repeat('w', 3000)), new Wrapped(2, str_repeat('v', 3000))];
$nodes = array_map(makeNode(...), range(1, 6));
$operations = [
    'fetch rows' => static fn () => cache_fetch('rows:1'),
    'fetch text' => static fn () => cache_fetch('text:1'),
    'fetch objects' => static fn () => cache_fetch('graph'),
    'fetch serialized' => static fn () => cache_fetch('wrapped:1'),
    'fetch many' => static fn () => cache_fetch(['rows:1', 'text:1', 'node:1', 'date:1', 'wrapped:1', 'list']),
    'fetch entries' => static fn () => cache_fetch_entries(['rows:1', 'node:1', 'wrapped:1']),
    'fetch stale, with leases' => static fn () => cache_fetch_stale(['rows:1', 'absent:1', 'absent:2'], $state, $lease, 5),
    'gets' => static fn () => cache_gets(['rows:1', 'node:1'], $tokens),
    'info' => static fn () => cache_info(),
    'key_info' => static fn () => cache_key_info('rows:1'),
    'lock_info' => static fn () => [cache_lock_for_read('some lock'), cache_lock_info()],
    'iterate' => static fn () => iterator_to_array(new Cache\EntryIterator(pattern: '~o~', values: true, chunk: 1000)),
    'store rows' => static fn () => cache_store('rows:1', $rows),
    'store objects' => static fn () => cache_store('graph', $nodes),
    'store serialized' => static fn () => cache_store('serialized', $wrapped),
    'store many' => static fn () => cache_store(['rows:1' => $rows, 'graph' => $nodes, 'list' => range(1, 300)]),
    'merge' => static fn () => cache_merge('merged', static fn (mixed $old): array => [...(array) $old, ...range(1, 20)]),
    'compute' => static fn () => cache_compute('computed' . getmypid(), static fn (): array => range(1, 100), tags: ['tag one']),
    'compute stale' => static function () use ($rows): void {
        cache_store('aged', $rows, 60, 60);
        cache_mark_stale('aged');
        cache_compute('aged', static fn (string $key, mixed $old): array => [$old, range(1, 50)], 60, 60);
    },
    'store if changed' => static fn () => cache_store_if_changed('list', range(1, 299)),
    'queue' => static function (): void {
        cache_queue_push('jobs', 'job', ['payload' => range(1, 50)]);
        $job = cache_queue_pop('jobs');
        $job && cache_queue_fail($job['id'], $job['token'], str_repeat('error ', 20), 0.0);
        cache_queue_info();
    },
];

/** @param array<string, mixed> $values which are there, or nothing is */
function harm(array $values): int
{
    $harm = 0;
    foreach (cache_fetch([...array_keys($values), 'list']) as $key => $value) {
        $harm += (int) ($value != ($values[$key] ?? range(1, count($value))));
    }

    return $harm;
}

/** What setting the limit takes by itself. */
function slack(): int
{
    ini_set('memory_limit', '-1');
    for ($slack = 0; @ini_set('memory_limit', (string) (memory_get_usage() + $slack)) === false; $slack += 8) {
    }
    ini_set('memory_limit', '-1');

    return $slack;
}

$slack = slack();
$most = 60 + 30 * (float) $argv[1];
$divisor = (int) (4 + 2 * $argv[1]);
$results = [];
foreach ($operations as $name => $operation) {
    $ends = ['died' => 0, 'fatal' => 0, 'others' => 0];
    $ended = false;
    $harm = 0;
    // Steps that grow: small allocations come first, and there are many of them.
    for ($bytes = 0, $children = 0; !$ended && $children < $most; $bytes += 16 + intdiv($bytes, $divisor), ++$children) {
        $pid = pcntl_fork();
        if ($pid === 0) {
            ini_set('memory_limit', (string) (memory_get_usage() + $slack + $bytes));
            $operation();
            ini_set('memory_limit', '-1');
            exit(0);
        }
        pcntl_waitpid($pid, $status);
        $code = pcntl_wifexited($status) ? pcntl_wexitstatus($status) : -1;
        match ($code) {
            0 => $ended = true,
            137 => ++$ends['died'],
            255 => ++$ends['fatal'],
            default => ++$ends['others'],
        };
        $harm += harm(['graph' => $nodes, 'serialized' => $wrapped]) + count(array_filter([
            cache_store('rows:1', $rows, 0, 0, ['tag one', 'tag two']), numberOf('rows', cache_fetch('rows:1')) === 7,
            cache_inc('after') !== false, cache_lock_for_write('some lock') !== false, cache_lock_release('some lock'),
        ], static fn (bool $holds): bool => !$holds));
    }
    $info = cache_info(true);
    $harm += $ends['others'] + $info['rebuilds'] + $info['dropped_corrupt'];
    $results[] = ['operation' => $name, 'ended' => $ended, 'harm' => $harm] + $ends;
}
echo json_encode($results), "\n";
