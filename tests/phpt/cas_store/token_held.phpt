--TEST--
A token that is held is good for an entry that became stale by its ttl, but not for one that was invalidated or is past its time
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-cas-store-token-held${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$now = (int) (microtime(true) * 1e6);
foreach (['stale' => 60, 'past' => 5] as $key => $stale_ttl) {
    cache_store($key, 'old', 10, $stale_ttl);
    cache_gets($key, $token);
    var_dump(cache_cas_touch($key, null, $now - 20_000_000), cache_exists($key));
    var_dump(cache_cas_store($key, $token, 'new'), cache_fetch($key));
}
cache_store('marked', 'old', 60, 60);
cache_gets('marked', $token);
cache_mark_stale('marked');
var_dump(cache_cas_store('marked', $token, 'x'), cache_cas_store('marked', cache_fetch_entries(['marked'])['marked']['token'], 'new'), cache_fetch('marked'));
cache_store('soft', 'old', 60, 60, ['tag']);
cache_gets('soft', $token);
cache_tag_invalidate('tag');
var_dump(cache_cas_store('soft', $token, 'x', tags: ['tag']), cache_cas_delete('soft', $token), cache_store_if_changed('soft', 'x', token: $token));
var_dump(cache_cas_store('soft', cache_fetch_entries(['soft'])['soft']['token'], 'new'), cache_fetch('soft'));
cache_store('tagged', 'old', 60, 60, ['tag']);
cache_gets('tagged', $token);
cache_tag_invalidate('tag', true);
var_dump(cache_cas_store('tagged', $token, 'new'), cache_exists('tagged'));
?>
--EXPECT--
bool(true)
bool(false)
bool(true)
string(3) "new"
bool(true)
bool(false)
bool(false)
bool(false)
bool(false)
bool(true)
string(3) "new"
bool(false)
bool(false)
int(-1)
bool(true)
string(3) "new"
bool(false)
bool(false)
