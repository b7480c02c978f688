<?php
/*
 * Every function of ext/zend/cache.stub.php, in an order in which each finds what it needs. Each is called once for each of some
 * keys, which gives a time; then comes the next one. Of each function:
 *   cache   the call; $key is a key, $i its number, $held[$i] what a function has kept for later ones
 *   apcu    the same in APCu, if it has it
 *   expect  what the last call returns, as code of a condition on $r
 * The steps of the cache and those of APCu are two sequences; keys are strings of 20 bytes whose hash PHP knows.
 */
declare(strict_types=1);

/** @return array<string, array{cache: string, apcu?: string, expect?: string, most?: int, of?: int}> "most": not more
 *     calls than that; "of": each call does that many things, of which one is the figure */
return [
    'cache_enabled' => ['cache' => 'cache_enabled()', 'apcu' => 'apcu_enabled()'],
    'cache_store' => ['cache' => 'cache_store($key, 42, 600, 600)', 'apcu' => 'apcu_store($key, 42, 600)'],
    'cache_add' => ['cache' => 'cache_add($key, 43)', 'apcu' => 'apcu_add($key, 43)', 'expect' => '$r === false'],
    'cache_fetch' => ['cache' => 'cache_fetch($key)', 'apcu' => 'apcu_fetch($key)', 'expect' => '$r === 42'],
    'cache_exists' => ['cache' => 'cache_exists($key)', 'apcu' => 'apcu_exists($key)'],
    'cache_key_info' => ['cache' => 'cache_key_info($key)', 'apcu' => 'apcu_key_info($key)', 'expect' => 'is_array($r)'],
    'cache_inc' => ['cache' => 'cache_inc($key)', 'apcu' => 'apcu_inc($key)', 'expect' => '$r === 43'],
    'cache_dec' => ['cache' => 'cache_dec($key)', 'apcu' => 'apcu_dec($key)', 'expect' => '$r === 42'],
    'cache_cas' => ['cache' => 'cache_cas($key, 42, 41)', 'apcu' => 'apcu_cas($key, 42, 41)'],
    'cache_stamp' => ['cache' => 'cache_stamp($key)', 'expect' => '$r > 0'],
    'cache_cas_touch' => ['cache' => 'cache_cas_touch($key, null)'],
    'cache_cas_lock' => ['cache' => 'cache_cas_lock($key, 0, 1)'],
    'cache_store_if_changed' => [
        'cache' => 'cache_store_if_changed($key, 41, 600, 600)',
        'expect' => '$r === CACHE_TOUCHED',
    ],
    'cache_fetch_entries' => ['cache' => 'cache_fetch_entries([$key])', 'expect' => 'reset($r)["value"] === 41'],
    'cache_fetch_stale' => ['cache' => 'cache_fetch_stale($key, $state, $lease)', 'expect' => '$r === 41'],
    'cache_gets' => ['cache' => 'cache_gets($key, $held[$i])', 'expect' => '$r === 41'],
    'cache_cas_store' => ['cache' => 'cache_cas_store($key, $held[$i], 40, 600, 600)'],
    'cache_merge' => [
        'cache' => 'cache_merge($key, static fn (int $value): int => $value + 1, 600, 600)',
    ],
    'cache_compute' => [
        'cache' => 'cache_compute($key, static fn (): int => 0, 600, 600)',
        'apcu' => 'apcu_entry($key, static fn (): int => 0, 600)',
        'expect' => '$r === 41',
    ],
    'cache_mark_stale' => ['cache' => 'cache_mark_stale($key)'],
    'cache_lease' => ['cache' => '$held[$i] = cache_lease($key)', 'expect' => '$r > 0'],
    'cache_lease_extend' => ['cache' => 'cache_lease_extend($key, $held[$i], 60.0)'],
    'cache_commit' => ['cache' => 'cache_commit($key, $held[$i], 42, 600, 600)'],
    'cache_lease, again' => ['cache' => '$held[$i] = cache_lease($key)', 'expect' => '$r > 0'],
    'cache_lease_release' => ['cache' => 'cache_lease_release($key, $held[$i])'],
    'cache_tag_invalidate' => ['cache' => 'cache_tag_invalidate("bench")', 'expect' => '$r === 1'],
    'cache_gets, again' => ['cache' => 'cache_gets($key, $held[$i])', 'expect' => '$r === 42'],
    'cache_cas_delete' => ['cache' => 'cache_cas_delete($key, $held[$i])'],
    'cache_store, again' => ['cache' => 'cache_store($key, 42)'],
    'EntryIterator' => [
        'cache' => 'iterator_to_array(new Cache\EntryIterator())',
        'apcu' => 'iterator_to_array(new APCUIterator())',
        'expect' => 'count($r) === 100',
        'most' => 5,
        'of' => 100,
    ],
    'cache_delete' => ['cache' => 'cache_delete($key)', 'apcu' => 'apcu_delete($key)'],
    'cache_info' => ['cache' => 'cache_info(true)', 'apcu' => 'apcu_cache_info(true)', 'expect' => 'is_array($r)', 'most' => 20],
    'cache_clear' => ['cache' => 'cache_clear()', 'apcu' => 'apcu_clear_cache()', 'most' => 20],

    // One process holds 30 named locks at most.
    'cache_lock_for_read' => ['cache' => 'cache_lock_for_read($key)', 'expect' => '$r > 0', 'most' => 20],
    'cache_lock_info' => ['cache' => 'cache_lock_info($key)', 'expect' => '$r["readers"] === 1', 'most' => 20],
    'cache_lock_release' => ['cache' => 'cache_lock_release($key)', 'most' => 20],
    'cache_lock_for_write' => ['cache' => 'cache_lock_for_write($key)', 'expect' => '$r > 0', 'most' => 20],
    'cache_lock_release, again' => ['cache' => 'cache_lock_release($key)', 'most' => 20],

    'cache_queue_push' => ['cache' => 'cache_queue_push("bench", $key, $i)', 'expect' => '$r === 1'],
    'cache_queue_info' => ['cache' => 'cache_queue_info("bench")', 'expect' => '$r["waiting"] > 0', 'most' => 20],
    'cache_queue_pop' => ['cache' => '$held[$i] = cache_queue_pop("bench")', 'expect' => 'is_array($r)'],
    'cache_queue_extend' => ['cache' => 'cache_queue_extend($held[$i]["id"], $held[$i]["token"], 60.0)'],
    // The worker's cache.queue_max_attempts is 1.
    'cache_queue_fail' => ['cache' => 'cache_queue_fail($held[$i]["id"], $held[$i]["token"])'],
    'cache_queue_dead' => ['cache' => 'cache_queue_dead("bench", 10)', 'expect' => 'count($r) === 10', 'most' => 20],
    'cache_queue_revive' => ['cache' => 'cache_queue_revive("bench", $key)', 'expect' => '$r === 1'],
    'cache_queue_pop, again' => ['cache' => '$held[$i] = cache_queue_pop("bench")', 'expect' => 'is_array($r)'],
    'cache_queue_ack' => ['cache' => 'cache_queue_ack($held[$i]["id"], $held[$i]["token"])'],
    'cache_queue_purge' => ['cache' => 'cache_queue_purge("bench")', 'expect' => '$r === 0', 'most' => 20],
];
