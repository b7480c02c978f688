--TEST--
A lease outlives eviction and expiry of its entry; a deadline alone does not end it
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-events-time${CACHE_TEST_RUN}
cache.size=4M
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('hard', 'old', 0.05, 0.05);
cache_store('soft', 'old', 0.05, 3600);
$hard = cache_lease('hard', 3600);
$soft = cache_lease('soft', 3600);
$late = cache_lease('late', 0.01);
cache_store('evicted', str_repeat('old', 100), 0, 3600, ['tag']);
$evicted = cache_lease('evicted', 3600);
$void = cache_lease('void', 3600);
usleep(120_000);
var_dump(cache_key_info('hard'), cache_key_info('soft')['state'] === CACHE_STATE_STALE);
for ($i = 0; cache_key_info('evicted') !== null && $i < 100_000; $i++) {
    cache_store("filler $i", str_repeat('f', 1000));
}
var_dump(cache_key_info('evicted'));
foreach (['hard' => $hard, 'soft' => $soft, 'late' => $late, 'evicted' => $evicted] as $key => $lease) {
    var_dump(cache_commit($key, $lease, "new $key"), cache_fetch($key));
}
echo "evicted, and its tag invalidated\n";
cache_store('evicted too', str_repeat('old', 100), 0, 3600, ['tag']);
$evicted = cache_lease('evicted too', 3600);
for ($i = 0; cache_key_info('evicted too') !== null && $i < 100_000; $i++) {
    cache_store("more filler $i", str_repeat('f', 1000));
}
cache_tag_invalidate('tag');
var_dump(cache_key_info('evicted too'), cache_commit('evicted too', $evicted, 'new'));
?>
--EXPECT--
NULL
bool(true)
NULL
bool(true)
string(8) "new hard"
bool(true)
string(8) "new soft"
bool(true)
string(8) "new late"
bool(true)
string(11) "new evicted"
evicted, and its tag invalidated
NULL
bool(false)
