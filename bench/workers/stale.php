<?php
/*
 * stale.php CASE LIBRARY|- SECONDS: words, stale values and who rebuilds them. Prints JSON.
 *   words      nanoseconds of calls in one process, by name; those of both libraries take turns
 *   touches    how often a reader of 50 keys had to wait while 8 processes renew these entries, in 1,000 reads
 *   expiry     24 readers of an entry that expires each second: rebuilds for each expiry, and how long a read took, in ns
 *   calm       the same, but the entry does not expire
 *   cold       8 processes find nothing: how often the value was made
 *   writeback  a request reads 50 items and writes them back unchanged: microseconds of the processor, and how many of the
 *              writes were touches, in percent
 *   tags       LIBRARY is a number of entries that all carry one tag: nanoseconds of invalidating it, softly
 */
declare(strict_types=1);

require __DIR__ . '/../lib/timing.php';
require __DIR__ . '/../lib/crew.php';

const ITEMS = 50;
define('STAMP', (int) (microtime(true) * 1e6) - 100_000);
const REBUILD_US = 20_000;

[, $case, $library, $seconds] = $argv;
$apcu = $library === 'apcu';
$fetch = "{$library}_fetch";
$store = "{$library}_store";

/** Some 2.8 KB as APCu's default serializer writes it: what a cache of rendered parts keeps. */
function item(int $number): array
{
    $rows = [];
    for ($row = 0; $row < 20; ++$row) {
        $rows["row $row"] = ['id' => $number * 100 + $row, 'name' => "Name of $number and $row", 'flags' => [true, false, $row]];
    }

    return ['#markup' => str_repeat("<li>$number</li>", 40), '#cache' => ['contexts' => ['theme', 'user'], 'max-age' => -1], 'rows' => $rows];
}

/** @return list<string> */
function cids(): array
{
    return array_map(static fn (int $i): string => "bin:item:$i", range(1, ITEMS));
}

/** @return array<string, array> */
function items(): array
{
    return array_combine(cids(), array_map(item(...), range(1, ITEMS)));
}

/* ---- words ---------------------------------------------------------------------------------------------- */

/** A function for timed() that calls $call so often. */
function repeated(string $call): Closure
{
    return eval("return static function (int \$calls, int \$first = 0): int {
        \$item = item(7);
        \$stamp = STAMP;
        \$begin = hrtime(true);
        for (\$i = 0; \$i < \$calls; ++\$i) { $call; }
        return hrtime(true) - \$begin;
    };");
}

$words = static function () use ($seconds): array {
    cache_store('int', 42, stamp: STAMP);
    cache_store('int with ttl', 42, 1000, 1000, stamp: STAMP);
    cache_store('item', item(7), 1000, 1000, stamp: STAMP);
    cache_store('now', 42);
    $functions = [
        'cas' => repeated('cache_cas("int", 42, 42)'),
        'cas, ttl' => repeated('cache_cas("int with ttl", 42, 42)'),
        'cas_touch' => repeated('cache_cas_touch("int", $stamp, $stamp)'),
        'cas_touch, ttl' => repeated('cache_cas_touch("int with ttl", $stamp, $stamp)'),
        'cas_touch, item' => repeated('cache_cas_touch("item", $stamp, $stamp)'),
        'cas_touch to now' => repeated('cache_cas_touch("now", null)'),
        'fetch int' => repeated('cache_fetch("int", $found)'),
        'fetch int, ttl' => repeated('cache_fetch("int with ttl", $found)'),
        'fetch item' => repeated('cache_fetch("item", $found)'),
        'fetch int, short' => repeated('cache_fetch("int")'),
        'fetch int, ttl, short' => repeated('cache_fetch("int with ttl")'),
        'fetch item, short' => repeated('cache_fetch("item")'),
        'fetch_stale int, short' => repeated('cache_fetch_stale("int")'),
        'fetch_stale int, ttl, short' => repeated('cache_fetch_stale("int with ttl")'),
        'fetch_stale item, short' => repeated('cache_fetch_stale("item")'),
        'fetch_stale int' => repeated('cache_fetch_stale("int", $state, $lease, 10.0)'),
        'fetch_stale int, ttl' => repeated('cache_fetch_stale("int with ttl", $state, $lease, 10.0)'),
        'fetch_stale item' => repeated('cache_fetch_stale("item", $state, $lease, 10.0)'),
        'store_if_changed item' => repeated('cache_store_if_changed("item", $item, 1000, 1000)'),
        'store item' => repeated('cache_store("item 2", $item, 1000, 1000)'),
    ];
    if (function_exists('apcu_store')) {
        apcu_store('item', item(7), 1000);
        $functions['APCu store item'] = repeated('apcu_store("item", $item, 1000)');
    }
    $functions[''] = repeated('');
    $times = timed($functions, array_map(callsOfChunk(...), $functions), max(20, (int) ($seconds * 100)));

    return array_map(static fn (array $figures): float => $figures['p50'], $times);
};

/* ---- touches beside a reader ---------------------------------------------------------------------------- */

$touches = static function () use ($apcu, $fetch, $store, $seconds): array {
    $items = items();
    foreach ($items as $cid => $item) {
        $store($cid, $item, 1000);
    }
    $keys = cids();
    $writer = static function (float $start) use ($apcu, $items, $keys, $seconds): int {
        awaitTime($start);
        for ($writes = 0; hrtime(true) / 1e9 < $start + $seconds + 0.5; ++$writes) {
            $cid = $keys[$writes % ITEMS];
            $apcu ? apcu_store($cid, $items[$cid], 1000) : cache_cas_touch($cid, null);
        }

        return $writes;
    };
    $reader = static function (float $start) use ($fetch, $keys, $seconds): array {
        awaitTime($start + 0.2);
        $waits = getrusage()['ru_nvcsw'];
        for ($reads = 0; $reads < 1000 && hrtime(true) / 1e9 < $start + $seconds; ++$reads) {
            if (count($fetch($keys)) !== ITEMS) {
                throw new LogicException('an item is missing');
            }
        }

        return [$reads, getrusage()['ru_nvcsw'] - $waits];
    };
    $results = crew([...array_fill(0, 8, $writer), $reader]);
    [$reads, $waits] = array_pop($results);

    return ['waits' => 1000 * $waits / max(1, $reads), 'writes' => array_sum($results) / $seconds];
};

/* ---- expiry ---------------------------------------------------------------------------------------------- */

$readers = static function (int $ttl) use ($apcu, $seconds): array {
    $value = item(1);
    $apcu ? apcu_store('popular', $value, $ttl) : cache_store('popular', $value, $ttl, 60);
    $reader = static function (float $start) use ($apcu, $value, $ttl, $seconds): array {
        $times = [];
        $rebuilds = 0;
        awaitTime($start);
        while (($before = hrtime(true)) / 1e9 < $start + $seconds) {
            if ($apcu) {
                if (apcu_fetch('popular') === false) {
                    ++$rebuilds;
                    usleep(REBUILD_US);
                    apcu_store('popular', $value, $ttl);
                }
                $times[] = hrtime(true) - $before;
            } else {
                cache_fetch_stale('popular', $state, $lease, 5.0);
                $times[] = hrtime(true) - $before;
                if ($lease > 0) {
                    // What a page does after it was sent, or a worker for it.
                    ++$rebuilds;
                    usleep(REBUILD_US);
                    cache_commit('popular', $lease, $value, $ttl, 60);
                }
            }
            usleep(2000);
        }

        return [$rebuilds, $times];
    };
    $results = crew(array_fill(0, 24, $reader));
    $times = array_merge(...array_column($results, 1));
    sort($times);

    return [
        'rebuilds' => array_sum(array_column($results, 0)) / max(1, floor($seconds / $ttl)),
        'p50' => percentile($times, 50),
        'p99' => percentile($times, 99),
    ];
};

/* ---- cold start ------------------------------------------------------------------------------------------ */

$cold = static function () use ($apcu, $seconds): array {
    $rounds = max(1, (int) ($seconds * 4));
    $process = static function (float $start) use ($apcu, $rounds): int {
        $built = 0;
        $build = static function () use (&$built): array {
            ++$built;
            usleep(REBUILD_US);

            return item(1);
        };
        for ($round = 0; $round < $rounds; ++$round) {
            awaitTime($start + $round * 0.15);
            if (!$apcu) {
                $value = cache_compute("cold:$round", $build, 1000);
            } elseif (($value = apcu_fetch("cold:$round")) === false) {
                apcu_store("cold:$round", $value = $build(), 1000);
            }
            if ($value !== item(1)) {
                throw new LogicException('another value');
            }
        }

        return $built;
    };

    return ['builds' => array_sum(crew(array_fill(0, 8, $process))) / $rounds];
};

/* ---- writing back what did not change ------------------------------------------------------------------- */

/** With three keys an item, as https://www.drupal.org/project/drupal/issues/3395260 has it: value, time, lock. */
function requestWithThreeKeys(array $keys, array $consistent, int $created): int
{
    $all = [];
    foreach ($keys as $cid) {
        array_push($all, $cid, "$cid:time", "$cid:lock");
    }
    $found = apcu_fetch($all);
    $touched = 0;
    foreach ($keys as $cid) {
        $old = $found[$cid] ?? null;
        isset($found["$cid:time"]) || apcu_add("$cid:time", 0);
        if ($old && is_string($old->data) && $old->data === $consistent[$cid]) {
            apcu_cas("$cid:time", $found["$cid:time"] ?? 0, $created);
            ++$touched;
            continue;
        }
        isset($found["$cid:lock"]) || apcu_add("$cid:lock", 0);
        if (apcu_cas("$cid:lock", $found["$cid:lock"] ?? 0, mt_rand())) {
            apcu_store($cid, (object) ['cid' => $cid, 'created' => $created, 'expire' => -1, 'tags' => '', 'data' => $consistent[$cid]]);
            apcu_cas("$cid:time", $found["$cid:time"] ?? 0, $created);
        }
    }

    return $touched;
}

function requestWithWords(array $keys, array $consistent, int $read): int
{
    $found = cache_fetch_entries($keys);
    $touched = 0;
    foreach ($keys as $cid) {
        $token = $found[$cid]['token'] ?? null;
        $touched += cache_store_if_changed($cid, $consistent[$cid], stamp: $read, token: $token) === CACHE_TOUCHED;
    }

    return $touched;
}

$writeback = static function () use ($apcu, $seconds): array {
    $keys = cids();
    $request = $apcu ? 'requestWithThreeKeys' : 'requestWithWords';
    // From a database the values come as new ones each time.
    $serialized = serialize(items());
    $request($keys, unserialize($serialized), 1);
    $requests = $touched = $cpu = 0;
    for ($end = hrtime(true) / 1e9 + $seconds; hrtime(true) / 1e9 < $end; ++$requests) {
        $consistent = unserialize($serialized);
        $read = $apcu ? $requests + 2 : (int) (microtime(true) * 1e6);
        $before = cpuSeconds();
        $touched += $request($keys, $consistent, $read);
        $cpu += cpuSeconds() - $before;
    }

    return ['cpu' => $cpu / $requests * 1e6, 'touches' => 100 * $touched / ($requests * ITEMS)];
};

/* ---- tags ------------------------------------------------------------------------------------------------ */

$tags = static function () use ($library): array {
    for ($i = 0; $i < (int) $library; ++$i) {
        cache_store("tagged:$i", $i, 1000, 1000, ['tag']);
    }
    if (cache_info(true)['entries'] !== (int) $library) {
        throw new LogicException('the entries do not fit');
    }
    $times = [];
    for ($i = 0; $i < 1000; ++$i) {
        $before = hrtime(true);
        cache_tag_invalidate('tag');
        $times[] = hrtime(true) - $before;
    }
    if (cache_fetch('tagged:0') !== false || cache_fetch_stale('tagged:0') !== 0) {
        throw new LogicException('the tag was not invalidated');
    }

    return ['time' => median($times)];
};

echo json_encode(match ($case) {
    'tags' => $tags(),
    'words' => $words(),
    'touches' => $touches(),
    'expiry' => $readers(1),
    'calm' => $readers(1000),
    'cold' => $cold(),
    'writeback' => $writeback(),
}, JSON_THROW_ON_ERROR);
