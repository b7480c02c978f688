--TEST--
To whom a stale entry is there, and to whom it is not
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-events-stale-counts${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

function ways(): array
{
    return [
        'marked' => fn($key) => cache_mark_stale($key),
        'soft tag' => fn($key) => cache_tag_invalidate('tag'),
        'past soft' => fn($key) => cache_cas_touch($key, null, (int) (microtime(true) * 1e6) - 200_000_000),
    ];
}
function fresh(string $name, mixed $value): string
{
    static $number = 0;
    cache_store($key = "$name " . $number++, $value, 100, 3600, ['tag']);
    return $key;
}
$absent = [
    'fetch' => fn($key) => cache_fetch($key, $found) === false && !$found,
    'fetch of a list' => fn($key) => cache_fetch([$key]) === [],
    'exists' => fn($key) => !cache_exists($key) && cache_exists([$key]) === [],
    'add' => fn($key) => cache_add($key, 'new') && cache_fetch($key) === 'new',
    'add of a list' => fn($key) => cache_add([$key => 'new']) === [],
    'inc' => fn($key) => cache_inc($key) === 1,
    'dec' => fn($key) => cache_dec($key, 2) === -2,
    'cas' => fn($key) => !cache_cas($key, 5, 6),
    'gets' => fn($key) => cache_gets($key, $token) === false && $token === 0,
    'cas_store with 0' => fn($key) => cache_cas_store($key, 0, 'new') && cache_fetch($key) === 'new',
    'merge' => fn($key) => cache_merge($key, fn($value, $found) => [$value, $found]) && cache_fetch($key) === [null, false],
];
$present = [
    'fetch_stale' => fn($key) => cache_fetch_stale($key) === 5,
    'cas_touch' => fn($key) => cache_cas_touch($key, cache_stamp($key)) || cache_key_info($key)['state'] === CACHE_STATE_STALE,
    'stamp' => fn($key) => is_int(cache_stamp($key)) && count(cache_stamp([$key])) === 1,
    'cas_lock' => fn($key) => cache_cas_lock($key, 0, 1),
    'fetch_entries' => fn($key) => cache_fetch_entries([$key])[$key]['value'] === 5,
    'iterator' => fn($key) => count(new Cache\EntryIterator($key)) === 1,
    'key_info' => fn($key) => cache_key_info($key)['state'] === CACHE_STATE_STALE,
    'delete' => fn($key) => cache_delete($key) && cache_key_info($key) === null,
    'delete of a list' => fn($key) => cache_delete([$key]) === [],
    'mark_stale' => fn($key) => cache_mark_stale($key) && cache_mark_stale([$key]) === [],
    'cas_delete' => fn($key) => cache_cas_delete($key, cache_fetch_entries([$key])[$key]['token']),
    'cas_store with its token' => fn($key) => cache_cas_store($key, cache_fetch_entries([$key])[$key]['token'], 'new'),
    'commit of a lease' => fn($key) => cache_fetch_stale($key, $state, $lease, 10) === 5 && cache_commit($key, $lease, 'new'),
];
foreach (['absent' => $absent, 'present' => $present] as $what => $functions) {
    foreach ($functions as $name => $holds) {
        foreach (ways() as $way => $makeStale) {
            $key = fresh("$name, $way", 5);
            if ($what === 'absent' && cache_fetch($key) !== 5) {
                echo "$key is not fresh\n";
            }
            $makeStale($key);
            if (cache_key_info($key)['state'] !== CACHE_STATE_STALE) {
                echo "$key is not stale\n";
            }
            $holds($key) || print("$name, $way: not $what\n");
        }
    }
}
/* A token that was got before stays good when only time has passed. */
$key = fresh('token', 5);
cache_gets($key, $token);
ways()['past soft']($key);
var_dump(cache_cas_store($key, $token, 'new'));
/* A version that was marked has a new one. */
$key = fresh('token', 5);
cache_gets($key, $token);
cache_mark_stale($key);
var_dump(cache_cas_store($key, $token, 'new'));
?>
--EXPECT--
bool(true)
bool(false)
