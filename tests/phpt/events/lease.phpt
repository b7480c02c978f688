--TEST--
What each event does to the entry and to a lease: the table of the contract
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-events-lease${CACHE_TEST_RUN}
cache.size=4M
--FILE--
<?php
require __DIR__ . '/../segment.inc';

/*
 * A lease is taken, the event happens, and then: is the version another one, is the stamp, does the next one who asks win,
 * and does a commit with the old lease succeed, once?
 */
$before = (int) (microtime(true) * 1e6) - 60_000_000;
$given = $before + 5_000_000;
function change(?array $old, ?array $new, string $what): string
{
    return match (true) {
        !$new => 'gone',
        !$old => 'new',
        $what === 'stamp' => $new['stamp'] === $old['stamp'] ? 'same' : ($new['stamp'] < 0 ? '-now' : (abs($new['stamp'] - microtime(true) * 1e6) < 10e6 ? 'now' : 'given')),
        default => $new[$what] === $old[$what] ? 'same' : 'new',
    };
}
function run(string $name, callable $event, array $options = []): void
{
    global $before;
    $options += ['value' => 'old', 'commit tags' => [], 'kind' => 'stale'];
    $key = "key of $name, $options[kind]";
    if ($options['kind'] !== 'absent') {
        cache_store($key, $options['value'], $options['kind'] === 'stale' ? 10 : 3600, 3600, ["a $key", "b $key"], $before);
    }
    $lease = cache_lease($key, 3600);
    $old = cache_key_info($key);
    $result = $event($key, $lease);
    $new = cache_key_info($key);
    cache_fetch_stale($key, $state, $look, 3600, 1e9);
    /* Whether it still stands: asked by its owner, who would else void it by winning. */
    $stands = $look === -1 && cache_lease_extend($key, $lease, 3600);
    $committed = cache_commit($key, $lease, 'rebuilt', 3600, 0, $options['commit tags']);
    $twice = cache_commit($key, $lease, 'again');
    printf(
        "%-40s %-5s %-5s %-5s %s%s\n", "$name, $options[kind]", change($old, $new, 'version'), change($old, $new, 'stamp'),
        $stands ? 'kept' : 'ended', json_encode($committed), $twice ? ' TWICE' : '',
    );
    if ($result !== ($options['result'] ?? true) || $committed !== (cache_fetch($key) === 'rebuilt')) {
        var_dump($result, cache_fetch($key));
    }
}
$token = static function (string $key): int {
    return cache_fetch_entries([$key])[$key]['token'] ?? 0;
};
foreach (['stale', 'fresh', 'absent'] as $kind) {
    $run = static fn(string $name, callable $event, array $options = []) => run($name, $event, $options + ['kind' => $kind]);
    $there = $kind !== 'absent';
    $run('nothing', fn() => true);
    $run('store', fn($key) => cache_store($key, 'new'));
    $run('store with a stamp', fn($key) => cache_store($key, 'new', 3600, stamp: $given));
    $run('add', fn($key) => cache_add($key, 'new'), ['result' => $kind !== 'fresh']);
    $run('cas_store', fn($key) => cache_cas_store($key, $token($key), 'new'));
    $run('cas_store with another token', fn($key) => cache_cas_store($key, 12345, 'new'), ['result' => false]);
    $run('merge', fn($key) => cache_merge($key, fn() => 'new'));
    $run('merge that keeps', fn($key) => cache_merge($key, fn() => CACHE_KEEP));
    $run('store_if_changed, changed', fn($key) => cache_store_if_changed($key, 'new'), ['result' => CACHE_STORED]);
    $run('store_if_changed, the same', fn($key) => cache_store_if_changed($key, 'old', $kind === 'stale' ? 10 : 3600, 3600, ["a $key", "b $key"]), ['result' => $there ? CACHE_TOUCHED : CACHE_STORED]);
    $run('store_if_changed, older', fn($key) => cache_store_if_changed($key, 'new', stamp: $before - 1000), ['result' => $there ? CACHE_LOST : CACHE_STORED]);
    $run('a store that fails', fn($key) => cache_store($key, str_repeat('x', 3 << 20)), ['result' => false]);
    $run('delete', fn($key) => cache_delete($key), ['result' => $there]);
    $run('cas_delete', fn($key) => cache_cas_delete($key, $token($key)), ['result' => $there]);
    $run('cas_delete with another token', fn($key) => cache_cas_delete($key, 12345), ['result' => false]);
    $run('iterator', fn($key) => cache_delete(new Cache\EntryIterator($key)));
    $run('clear', fn() => cache_clear());
    $run('mark_stale', fn($key) => cache_mark_stale($key), ['result' => $there]);
    $run('soft tag', fn($key) => cache_tag_invalidate("b $key"), ['result' => 1]);
    $run('hard tag', fn($key) => cache_tag_invalidate("a $key", true), ['result' => 1]);
    $run('soft tag of the commit', fn() => cache_tag_invalidate('c'), ['result' => 1, 'commit tags' => ['d', 'c']]);
    $run('hard tag of the commit', fn() => cache_tag_invalidate('c', true), ['result' => 1, 'commit tags' => ['d', 'c']]);
    $run('another tag', fn() => cache_tag_invalidate('e'), ['result' => 1, 'commit tags' => ['d', 'c']]);
    $run('cas_touch', fn($key) => cache_cas_touch($key, null), ['result' => $there]);
    $run('cas_lock', fn($key) => cache_cas_lock($key, 0, 5), ['result' => $there]);
    $run('inc', fn($key) => cache_inc($key), ['value' => 5, 'result' => $kind === 'fresh' ? 6 : 1]);
    $run('dec', fn($key) => cache_dec($key), ['value' => 5, 'result' => $kind === 'fresh' ? 4 : -1]);
    $run('cas', fn($key) => cache_cas($key, 5, 6), ['value' => 5, 'result' => $kind === 'fresh']);
    $run('fetches', fn($key) => [cache_fetch($key), cache_gets($key, $t), cache_exists($key), cache_fetch_stale($key)] && true);
    $run('release', fn($key, $lease) => cache_lease_release($key, $lease));
}
?>
--EXPECT--
nothing, stale                           same  same  kept  true
store, stale                             new   now   ended false
store with a stamp, stale                new   given ended false
add, stale                               new   now   ended false
cas_store, stale                         new   now   ended false
cas_store with another token, stale      same  same  kept  true
merge, stale                             new   now   ended false
merge that keeps, stale                  same  same  ended false
store_if_changed, changed, stale         new   now   ended false
store_if_changed, the same, stale        same  now   kept  true
store_if_changed, older, stale           same  same  kept  true
a store that fails, stale                gone  gone  ended false
delete, stale                            gone  gone  ended false
cas_delete, stale                        gone  gone  ended false
cas_delete with another token, stale     same  same  kept  true
iterator, stale                          gone  gone  ended false
clear, stale                             gone  gone  ended false
mark_stale, stale                        new   -now  ended false
soft tag, stale                          same  same  ended false
hard tag, stale                          gone  gone  ended false
soft tag of the commit, stale            same  same  kept  false
hard tag of the commit, stale            same  same  kept  false
another tag, stale                       same  same  kept  true
cas_touch, stale                         same  now   kept  true
cas_lock, stale                          same  same  kept  true
inc, stale                               new   now   ended false
dec, stale                               new   now   ended false
cas, stale                               same  same  kept  true
fetches, stale                           same  same  kept  true
release, stale                           same  same  ended false
nothing, fresh                           same  same  kept  true
store, fresh                             new   now   ended false
store with a stamp, fresh                new   given ended false
add, fresh                               same  same  kept  true
cas_store, fresh                         new   now   ended false
cas_store with another token, fresh      same  same  kept  true
merge, fresh                             new   now   ended false
merge that keeps, fresh                  same  same  kept  true
store_if_changed, changed, fresh         new   now   ended false
store_if_changed, the same, fresh        same  now   kept  true
store_if_changed, older, fresh           same  same  kept  true
a store that fails, fresh                gone  gone  ended false
delete, fresh                            gone  gone  ended false
cas_delete, fresh                        gone  gone  ended false
cas_delete with another token, fresh     same  same  kept  true
iterator, fresh                          gone  gone  ended false
clear, fresh                             gone  gone  ended false
mark_stale, fresh                        new   -now  ended false
soft tag, fresh                          same  same  ended false
hard tag, fresh                          gone  gone  ended false
soft tag of the commit, fresh            same  same  kept  false
hard tag of the commit, fresh            same  same  kept  false
another tag, fresh                       same  same  kept  true
cas_touch, fresh                         same  now   kept  true
cas_lock, fresh                          same  same  kept  true
inc, fresh                               same  same  kept  false
dec, fresh                               same  same  kept  false
cas, fresh                               same  same  kept  false
fetches, fresh                           same  same  kept  true
release, fresh                           same  same  ended false
nothing, absent                          gone  gone  kept  true
store, absent                            new   new   ended false
store with a stamp, absent               new   new   ended false
add, absent                              new   new   ended false
cas_store, absent                        new   new   ended false
cas_store with another token, absent     gone  gone  kept  true
merge, absent                            new   new   ended false
merge that keeps, absent                 gone  gone  ended false
store_if_changed, changed, absent        new   new   ended false
store_if_changed, the same, absent       new   new   ended false
store_if_changed, older, absent          new   new   ended false
a store that fails, absent               gone  gone  ended false
delete, absent                           gone  gone  ended false
cas_delete, absent                       gone  gone  kept  true
cas_delete with another token, absent    gone  gone  kept  true
iterator, absent                         gone  gone  kept  true
clear, absent                            gone  gone  ended false
mark_stale, absent                       gone  gone  ended false
soft tag, absent                         gone  gone  kept  true
hard tag, absent                         gone  gone  kept  true
soft tag of the commit, absent           gone  gone  kept  false
hard tag of the commit, absent           gone  gone  kept  false
another tag, absent                      gone  gone  kept  true
cas_touch, absent                        gone  gone  kept  true
cas_lock, absent                         gone  gone  kept  true
inc, absent                              new   new   ended false
dec, absent                              new   new   ended false
cas, absent                              gone  gone  kept  true
fetches, absent                          gone  gone  kept  true
release, absent                          gone  gone  ended false
