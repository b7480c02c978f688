<?php
/*
 * Sequences of calls against models in PHP arrays, under a clock that is turned: every function of the extension must
 * answer what the model answers. A sequence in which it does not is made as short as possible and printed.
 *
 *   CACHE_FAKE_CLOCK=FILE php -d extension=cache ... sequences.php [--seed=N] [--sequences=N] [--length=N] [--seconds=N]
 *     [--evicting=1] [--replay='JSON']
 *
 * Needs a build with --enable-cache-debug, and `cache.queue_max_attempts=3`. See README.md.
 */
declare(strict_types=1);

require __DIR__ . '/clock.inc';
require __DIR__ . '/values.inc';
require __DIR__ . '/queue_model.inc';
require __DIR__ . '/entries_model.inc';
require __DIR__ . '/locks_model.inc';
require __DIR__ . '/run.inc';

/** Something was found, or cannot be tried. */
function fail(string $text): never
{
    echo $text;
    exit(1);
}

function pick(array $from): mixed
{
    return $from[mt_rand(0, count($from) - 1)];
}

function some_keys(bool $many): array
{
    return array_map(fn() => mt_rand(0, 11), range(1, $many ? mt_rand(1, 5) : 1));
}

function some_tags(): array
{
    return mt_rand(0, 2) ? [] : array_map(fn() => mt_rand(0, 5), range(1, mt_rand(1, 3)));
}

/** ttl, stale_ttl, tags, age of the stamp */
function some_life(): array
{
    return [pick([0, 0, 5, 60, 0.5, 2.25, 100000]), pick([0, 0, 10, 600, INF, 1.5]), some_tags(), pick([null, null,
        null, 0, 1_000_000, 30_000_000, -5_000_000])];
}

function some_slot(): int
{
    return mt_rand(0, Run::SLOTS - 1);
}

/** One operation, as Run takes it. */
function some_operation(): array
{
    $key = mt_rand(0, 11);
    $value = mt_rand(0, 50);
    $lease = pick([0, 5, 30.5, 1000]);
    $queue = pick([null, null, 0, 1]);
    static $weights = [
        'Wait' => 8, 'Store' => 12, 'StoreMany' => 2, 'Fill' => 2, 'Add' => 4, 'Delete' => 4, 'DeleteAll' => 1,
            'Clear' => 1, 'Step' => 6, 'Cas' => 3,
        'CasStore' => 4, 'CasDelete' => 2, 'IfChanged' => 6, 'Merge' => 3, 'Touch' => 5, 'CasLock' => 3, 'Stamp' => 2,
            'MarkStale' => 4,
        'Invalidate' => 4, 'Fetch' => 8, 'FetchMany' => 3, 'Gets' => 6, 'Describe' => 6, 'FetchStale' => 8,
            'Lease' => 4,
        'LeaseExtend' => 2, 'LeaseRelease' => 2, 'Commit' => 6, 'Compute' => 6, 'Push' => 6, 'Pop' => 6, 'Ack' => 4,
            'Extend' => 1,
        'Fail' => 4, 'QueueInfo' => 2, 'QueueDead' => 1, 'Revive' => 1, 'Purge' => 1, 'Lock' => 3, 'Unlock' => 2,
            'LockInfo' => 1,
    ];
    $at = mt_rand(1, array_sum($weights));
    foreach ($weights as $name => $weight) {
        $at -= $weight;
        if ($at <= 0) {
            break;
        }
    }
    $arguments = match ($name) {
        'Wait' => [pick([1, 1000, 400_000, 1_000_000, 4_999_999, 5_000_000, 11_000_000, 61_000_000, 700_000_000])],
        'Store', 'Add' => [$key, $value, ...some_life()],
        'StoreMany' => [some_keys(true), $value, pick([0, 60])],
        'Delete', 'MarkStale' => [some_keys(mt_rand(0, 1) === 1)],
        'Stamp', 'FetchMany' => [some_keys(true)],
        'DeleteAll' => [mt_rand(1, 9)],
        'Fill' => [mt_rand(0, 1000), pick([100, 1000, 4000, 30000])],
        'Clear' => [],
        'Step' => [$key, pick([1, 1, -1, 7, PHP_INT_MAX, PHP_INT_MIN, 1 << 62]), mt_rand(0, 1) === 1, pick([0, 5])],
        'Cas' => [$key, pick([0, 1, -5, 2, 41]), pick([0, 1, PHP_INT_MAX, -(1 << 62)])],
        'CasStore' => [$key, some_slot(), $value, ...some_life()],
        'CasDelete' => [$key, some_slot()],
        'IfChanged' => [$key, $value, ...some_life(), pick([null, null, some_slot()])],
        'Merge' => [$key, $value, pick([0, 5]), some_tags(), mt_rand(0, 2) === 0],
        'Touch' => [$key, pick([null, null, 0, 0, 1]), pick([null, 0, 1_000_000, 8_000_000, -1_000_000]), pick([null,
            null, some_slot()])],
        'CasLock' => [$key, pick([0, 0, 1, 2]), pick([0, 1, 2, (1 << 62) - 1])],
        'Invalidate' => [array_map(fn() => mt_rand(0, 5), range(1, mt_rand(1, 2))), mt_rand(0, 1) === 1],
        'Fetch', 'Describe' => [$key],
        'Gets' => [$key, some_slot()],
        'FetchStale' => [$key, some_slot(), $lease, pick([0, 0, -0.25, 3, 70]), $queue],
        'Lease' => [$key, some_slot(), $lease ?: 1],
        'LeaseExtend' => [some_slot(), pick([null, null, $key]), 20],
        'LeaseRelease' => [some_slot(), pick([null, null, $key])],
        'Commit' => [some_slot(), pick([null, null, null, $key]), $value, ...some_life()],
        'Compute' => [$key, $value, pick([0, 0, 0, 1, 2]), pick([0, 5, 60]), pick([0, 10, INF]), some_tags(), pick([0,
            -0.5, 2]), $queue, $lease ?: 2],
        'Push' => [mt_rand(0, 1), $key, $value, pick([0, 0, 5, 100]), pick([0, 0, 1, -7])],
        'Pop' => [pick([[0], [1], [0, 1], [1, 0]]), some_slot(), pick([5, 60, 600])],
        'Ack' => [some_slot()],
        'Extend' => [some_slot(), 50],
        'Fail' => [some_slot(), pick([null, 'it failed', str_repeat('long ', 60)]), pick([null, 0, 0, 4])],
        'QueueInfo', 'QueueDead' => [mt_rand(0, 1)],
        'Revive' => [mt_rand(0, 1), pick([null, $key])],
        'Purge' => [mt_rand(0, 1), mt_rand(0, 1) === 1],
        'Lock' => [mt_rand(0, 2), mt_rand(0, 1) === 1, pick([0, 0, 30])],
        'Unlock', 'LockInfo' => [mt_rand(0, 2)],
    };
    return [$name, ...$arguments];
}

/** Leaves out what is not needed for a difference: halves, then less, then single operations. */
function shrink(Run $run, array $sequence): array
{
    for ($size = intdiv(count($sequence), 2); $size >= 1; $size = intdiv($size, 2)) {
        for ($at = 0; $at + $size <= count($sequence);) {
            $shorter = $sequence;
            array_splice($shorter, $at, $size);
            if ($run->play($shorter) !== null) {
                $sequence = $shorter;
            } else {
                $at += $size;
            }
        }
    }
    return $sequence;
}

$options = getopt('', ['seed:', 'sequences:', 'length:', 'seconds:', 'evicting:', 'replay:']);
$seed = (int) ($options['seed'] ?? random_int(1, 1 << 30));
$most = (int) ($options['sequences'] ?? PHP_INT_MAX);
$length = (int) ($options['length'] ?? 120);
$end = microtime(true) + (float) ($options['seconds'] ?? 10);
$file = getenv('CACHE_FAKE_CLOCK') ?: fail("CACHE_FAKE_CLOCK is not set\n");
ini_set('error_log', '/dev/null');
ini_set('memory_limit', '1G');
$clock = new Clock($file);
cache_store('fuzz clock', 1, 5);
$clock->wait(6_000_000);
if (cache_exists('fuzz clock') || !cache_enabled() ||
    ini_get('cache.queue_max_attempts') !== (string) QueueModel::ATTEMPTS) {
    fail("this needs a build with --enable-cache-debug, and cache.queue_max_attempts=3\n");
}
$run = new Run($clock, fuzz_values(), (bool) ($options['evicting'] ?? false));
if (isset($options['replay'])) {
    /* JSON has no INF. */
    $sequence = json_decode($options['replay'], true);
    array_walk_recursive($sequence, function (mixed &$value) {
        $value = $value === 'INF' ? INF : $value;
    });
    $difference = $run->play($sequence);
    echo $difference ?? 'no difference', "\n";
    exit($difference === null ? 0 : 1);
}
echo "seed $seed\n";
$operations = 0;
for ($number = 0; $number < $most && microtime(true) < $end; $number++) {
    mt_srand($seed + $number);
    $sequence = array_map(fn() => some_operation(), range(1, mt_rand(1, $length)));
    $operations += count($sequence);
    $difference = $run->play($sequence);
    if ($difference === null) {
        continue;
    }
    echo "A difference, in the sequence of seed ", $seed + $number, ":\n  $difference\n";
    /*
     * What is evicted depends on what was there before: such a one is found again by the same seed from the beginning
     * alone.
     */
    $short = isset($options['evicting']) ? $sequence : shrink($run, $sequence);
    $difference = isset($options['evicting']) ? $difference : $run->play($short);
    array_walk_recursive($short, function (mixed &$value) {
        $value = $value === INF ? 'INF' : $value;
    });
    echo "The shortest that has one: --replay='", json_encode($short, JSON_PRESERVE_ZERO_FRACTION), "'\n  ",
        $difference ?? '(not any more: it needs what was there before)', "\n";
    exit(1);
}
$evictions = cache_info(true)['evictions'];
echo "$number sequences, $operations operations, no difference; $evictions evictions\n";
