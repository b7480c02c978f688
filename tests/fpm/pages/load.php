<?php
/*
 * A page that uses all parts of the cache, and judges what it finds. A store may be refused, where the owner of a lock does not
 * come to run for long: then the value is gone, old and new. v: number of the visitor; n: of his visit; slot: of the last
 * visit whose store was acknowledged to him; folder: where the test keeps what must not be in the cache.
 */
declare(strict_types=1);

require_once __DIR__ . '/common.php';

['v' => $v, 'n' => $n, 'slot' => $acknowledged, 'folder' => $folder] = $_GET;
[$v, $n, $acknowledged] = [(int) $v, (int) $n, (int) $acknowledged];
mt_srand($v * 1_000_003 + $n);

/* ---- read, and keep what was read to the end ---- */

$held = [];
foreach (KINDS as $kind) {
    $key = "$kind:" . mt_rand(0, 3);
    $value = cache_fetch($key, $found);
    if ($found) {
        $number = numberOf($kind, $value);
        expect($number !== null, "$key is whole", $value);
        $held[$key] = [$kind, $value, $number];
    }
}
$many = cache_fetch(array_map(static fn (string $kind): string => "$kind:0", KINDS));
foreach ($many as $key => $value) {
    expect(numberOf(strstr($key, ':', true), $value) !== null, "$key, fetched with others, is whole", $value);
}

/* ---- what was acknowledged is there ---- */

$slot = cache_fetch("slot:$v", $found);
expect($acknowledged === 0 || ($found && $slot['n'] >= $acknowledged && $slot['n'] < $n), "slot:$v has what was acknowledged",
    [$acknowledged, $n, $slot['n'] ?? null]);
expect(!$found || $slot['pad'] === str_repeat(chr(65 + $slot['n'] % 26), 50 + $slot['n'] * 37 % 5000), "slot:$v is whole", $slot);
$report = ['slot' => cache_store("slot:$v", ['n' => $n, 'pad' => str_repeat(chr(65 + $n % 26), 50 + $n * 37 % 5000)])];
expect(cache_fetch("slot:$v") === ($report['slot'] ? ['n' => $n, 'pad' => str_repeat(chr(65 + $n % 26), 50 + $n * 37 % 5000)] : false),
    "slot:$v has what was just stored, or nothing");
$report['hits'] = (int) (cache_inc('hits') !== false);
$count = static fn (mixed $old, bool $found): array => ['n' => ($found ? $old['n'] : 0) + 1, 'by' => $v];
$report['merged'] = (int) cache_merge('merged', $count);

/* ---- write what others hold ---- */

foreach (array_rand(array_flip(KINDS), 3) as $kind) {
    $key = "$kind:" . mt_rand(0, 3);
    match (mt_rand(0, 9)) {
        0 => cache_delete($key),
        1 => cache_mark_stale($key),
        2 => cache_store_if_changed($key, makeValue($kind, $n), 60, 60),
        default => cache_store($key, makeValue($kind, $n), 60, 60, ["kind $kind"]),
    };
}
cache_store("tagged:$v", $n, tags: ["tag $v"]);
cache_tag_invalidate("tag $v", hard: true);
expect(!cache_exists("tagged:$v"), 'what has an invalidated tag is missing');
$value = cache_gets("versions:$v", $token);
if (cache_cas_store("versions:$v", $token, $n) && $token) {
    expect(!cache_cas_store("versions:$v", $token, 'late'), 'a version that was replaced is not replaced once more');
}

/* ---- look around ---- */

$times = [];
foreach (new Cache\EntryIterator('slot:', values: true) as $key => $entry) {
    $times[$key] = ($times[$key] ?? 0) + 1;
    expect(!isset($entry['value']) || isset($entry['value']['n']), "$key, of an iterator, is whole", $entry);
}
expect(($times["slot:$v"] ?? 0) === (int) $report['slot'], "an iterator meets slot:$v once", $times);
$info = cache_info($n % 4 !== 0);
expect($info['enabled'] && !$info['segment']['guest'], 'the cache is in use, with a place of its own', $info['segment'] ?? null);

/* ---- rebuild ---- */

$computed = cache_compute('computed:' . $n % 3, static function (string $key) use ($n): array {
    usleep(1000);

    return ['key' => $key, 'n' => $n, 'text' => str_repeat($key, 100)];
}, ttl: 0.05, stale_ttl: 60, wait: 30);
expect($computed['text'] === str_repeat($computed['key'], 100), 'a computed value is whole', $computed);

cache_fetch_stale('leased', $state, $lease, lease_ttl: 120);
if ($lease > 0) {
    $from = hrtime(true);
    usleep(500);
    $until = hrtime(true);
    if (cache_commit('leased', $lease, [$v, $n], ttl: 0.01, stale_ttl: 60)) {
        file_put_contents("$folder/leases", "$from $until $v $n\n", FILE_APPEND | LOCK_EX);
    }
}

/* ---- two values that are equal wherever the lock is free, unless their last writer died ---- */

if (expect(cache_lock_for_write('pair', 30, 0, $recovered) !== false, 'a lock is to be had')) {
    $a = cache_fetch('pair:a');
    $b = cache_fetch('pair:b');
    expect($a === $b || $recovered || cache_fetch('pair:refused') !== false, 'what a lock protects is not half done', [$a, $b]);
    $stored = cache_store('pair:a', (int) $a + 1);
    usleep(mt_rand(0, 200));
    if (!cache_store('pair:b', (int) $a + 1) || !$stored) {
        cache_store('pair:refused', 1);
    }
    expect(cache_lock_release('pair'), 'a lock that is held is released');
}

/* ---- the queue ---- */

$report['pushed'] = cache_queue_push('load', "$v-$n", ['v' => $v, 'n' => $n]) === 1 ? "$v-$n" : '';
if ($job = cache_queue_pop('load')) {
    expect($job['key'] === "{$job['payload']['v']}-{$job['payload']['n']}", 'a job is whole', $job);
    file_put_contents("$folder/popped", "$job[key]\n", FILE_APPEND | LOCK_EX);
    expect(cache_queue_ack($job['id'], $job['token']), 'a job is acknowledged', $job);
}

foreach ($held as $key => [$kind, $value, $number]) {
    expect(numberOf($kind, $value) === $number, "$key has not changed while it was held", $value);
}
echo json_encode($report + ['violations' => violations(), 'pid' => getmypid()], JSON_THROW_ON_ERROR);
