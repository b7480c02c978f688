<?php
/*
 * processes.php CASE PROCESSES SECONDS LIBRARY: that many processes at the same time, with 1,000 entries of ten elements.
 *   mixed      each fetches, and stores at every twentieth call, keys at random
 *   readers    each fetches; one more stores as fast as it can
 *   touches    each renews stamps (APCu: stores again)
 *   tags       each fetches entries with one of 10 tags, and invalidates a tag at every thousandth call, and stores what is gone
 *   iteration  each stores; one more walks over all entries, again and again
 *   fetch      each fetches
 * LIBRARY "none": each keeps what it has to itself; what is long then is long because the process had to wait for a processor.
 * Prints how many calls a second all of them did, without that one more, the percentiles of a call in nanoseconds, and what the one
 * more did a second.
 */
declare(strict_types=1);

require __DIR__ . '/../lib/crew.php';
require __DIR__ . '/../lib/latencies.php';
require __DIR__ . '/../lib/values.php';

const ENTRIES = 1000;

[, $case, $processes, $seconds, $library] = $argv;
$seconds = (float) $seconds;
$values = array_map(member(...), range(0, ENTRIES - 1));
[$fetch, $store] = $library === 'none'
    ? [static fn (string $key): array => $values[(int) substr($key, strlen('entry:'))], static fn (): bool => true]
    : ["{$library}_fetch"(...), "{$library}_store"(...)];

/** @return list<int> numbers below ENTRIES, at random */
function order(): array
{
    mt_srand(getmypid());

    return array_map(static fn (): int => mt_rand(0, ENTRIES - 1), range(1, 4096));
}

$storeTagged = static fn (int $entry): bool => cache_store("entry:$entry", $values[$entry], 600, 0, ['tag ' . $entry % 10]);
$fetchOne = static function (int $entry) use ($fetch, $values): void {
    if ($fetch("entry:$entry")['identifier'] !== $values[$entry]['identifier']) {
        throw new UnexpectedValueException('what was fetched is not what was stored');
    }
};
$storeOne = static function (int $entry) use ($store, $values): void {
    $store("entry:$entry", $values[$entry], 600);
};
$touchOne = static function (int $entry) use ($library, $storeOne): void {
    $library === 'cache' ? cache_cas_touch("entry:$entry", null) : $storeOne($entry);
};
$walk = static function () use ($library, $values): void {
    $seen = 0;
    $entries = match ($library) {
        'cache' => new Cache\EntryIterator('entry:'),
        'apcu' => new APCUIterator('/^entry:/', APC_ITER_KEY),
        'none' => $values,
    };
    foreach ($entries as $entry) {
        ++$seen;
    }
    if ($seen !== ENTRIES) {
        throw new UnexpectedValueException("a walk has seen $seen entries");
    }
};

/* What a process does in its i-th call, with an entry. */
$calls = [
    'fetch' => static fn (int $i, int $entry) => $fetchOne($entry),
    'mixed' => static fn (int $i, int $entry) => $i % 20 === 19 ? $storeOne($entry) : $fetchOne($entry),
    'readers' => static fn (int $i, int $entry) => $fetchOne($entry),
    'touches' => static fn (int $i, int $entry) => $touchOne($entry),
    'iteration' => static fn (int $i, int $entry) => $storeOne($entry),
    'tags' => static function (int $i, int $entry) use ($storeTagged): void {
        if ($i % 1000 === 999) {
            cache_tag_invalidate('tag ' . $entry % 10, true);
        } elseif (cache_fetch("entry:$entry") === false) {
            $storeTagged($entry);
        }
    },
];
$more = ['readers' => static fn (int $i, int $entry) => $storeOne($entry), 'iteration' => static fn (int $i, int $entry) => $walk()];

/** A process that does it until the time is over; one that is not timed counts only. */
$process = static fn (Closure $call, bool $timed): Closure => static function (float $start) use ($call, $timed, $seconds): array {
    $order = order();
    $times = new Latencies();
    awaitTime($start);
    $end = (int) (($start + $seconds) * 1e9);
    for ($i = 0, $after = 0; $after < $end; ++$i) {
        $entry = $order[$i & 4095];
        $before = hrtime(true);
        $call($i, $entry);
        $after = hrtime(true);
        if ($timed) {
            $times->add($after - $before);
        }
    }

    return ['times' => $times, 'calls' => $i];
};

for ($entry = 0; $entry < ENTRIES; ++$entry) {
    $case === 'tags' ? $storeTagged($entry) : $storeOne($entry);
}
$jobs = array_fill(0, (int) $processes, $process($calls[$case], true));
if (isset($more[$case])) {
    $jobs[] = $process($more[$case], false);
}
$results = crew($jobs);
$one = isset($more[$case]) ? array_pop($results)['calls'] : 0;
echo json_encode([
    'calls' => array_sum(array_column($results, 'calls')) / $seconds,
    'times' => Latencies::of(array_column($results, 'times'))->percentiles(),
    'more' => $one / $seconds,
], JSON_PRESERVE_ZERO_FRACTION | JSON_THROW_ON_ERROR);
