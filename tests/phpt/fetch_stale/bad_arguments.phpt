--TEST--
Keys, durations and fractions out of range are refused
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-fetch-stale-bad-arguments${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$calls = [
    fn() => cache_fetch_stale(''),
    fn() => cache_fetch_stale(['key', '']),
    fn() => cache_fetch_stale([1.5]),
    fn() => cache_fetch_stale('key', $s, $l, -1),
    fn() => cache_fetch_stale('key', $s, $l, NAN),
    fn() => cache_fetch_stale('key', $s, $l, 1, -1),
    fn() => cache_fetch_stale('key', $s, $l, 1, -INF),
    fn() => cache_fetch_stale('key', $s, $l, 1, NAN),
    fn() => cache_fetch_stale('key', $s, $l, 'text'),
    fn() => cache_lease(''),
    fn() => cache_lease('key', -0.1),
    fn() => cache_lease('key', NAN),
    fn() => cache_lease_extend('', 1, 1),
    fn() => cache_lease_extend('key', 1, -1),
    fn() => cache_lease_release('', 1),
    fn() => cache_commit('', 1, 1),
    fn() => cache_commit('key', 1, 1, -1),
    fn() => cache_commit('key', 1, 1, 0, NAN),
    fn() => cache_commit('key', 1, 1, 0, 0, ['']),
    fn() => cache_commit('key', 1, 1, 0, 0, [], -1),
    fn() => cache_compute('', fn() => 1),
    fn() => cache_compute('key', 'no function'),
    fn() => cache_compute('key', fn() => 1, -1),
    fn() => cache_compute('key', fn() => 1, 0, -1),
    fn() => cache_compute('key', fn() => 1, 0, 0, [1]),
    fn() => cache_compute('key', fn() => 1, refresh_ahead: -1),
    fn() => cache_compute('key', fn() => 1, wait: -1),
    fn() => cache_compute('key', fn() => 1, wait: NAN),
    fn() => cache_compute('key', fn() => 1, lease_ttl: 0),
    fn() => cache_compute('key', fn() => 1, lease_ttl: -1),
    fn() => cache_mark_stale(''),
    fn() => cache_mark_stale(['']),
];
foreach ($calls as $call) {
    attempt($call);
}
/* None of these took a lease. */
var_dump(cache_lease('key', INF) > 0, cache_info(true)['entries']);
?>
--EXPECT--
ValueError: cache_fetch_stale(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_fetch_stale(): Argument #1 ($key) must have keys of 1 to 65535 bytes, one of 0 bytes given at [1]
TypeError: cache_fetch_stale(): Argument #1 ($key) must be a list of strings and integers, float given at [0]
ValueError: cache_fetch_stale(): Argument #4 ($lease_ttl) must be greater than or equal to 0
ValueError: cache_fetch_stale(): Argument #4 ($lease_ttl) must be greater than or equal to 0
ValueError: cache_fetch_stale(): Argument #5 ($refresh_ahead) must be greater than -1, which is the whole ttl
ValueError: cache_fetch_stale(): Argument #5 ($refresh_ahead) must be greater than -1, which is the whole ttl
ValueError: cache_fetch_stale(): Argument #5 ($refresh_ahead) must be greater than -1, which is the whole ttl
TypeError: cache_fetch_stale(): Argument #4 ($lease_ttl) must be of type float, string given
ValueError: cache_lease(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_lease(): Argument #2 ($lease_ttl) must be greater than 0
ValueError: cache_lease(): Argument #2 ($lease_ttl) must be greater than 0
ValueError: cache_lease_extend(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_lease_extend(): Argument #3 ($lease_ttl) must be greater than 0
ValueError: cache_lease_release(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_commit(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_commit(): Argument #4 ($ttl) must be greater than or equal to 0
ValueError: cache_commit(): Argument #5 ($stale_ttl) must be greater than or equal to 0
ValueError: cache_commit(): Argument #6 ($tags) must be a list of tags of 1 to 255 bytes, one of 0 given
ValueError: cache_commit(): Argument #7 ($stamp) must be greater than or equal to 0
ValueError: cache_compute(): Argument #1 ($key) must be 1 to 65535 bytes long
TypeError: cache_compute(): Argument #2 ($fn) must be a valid callback, function "no function" not found or invalid function name
ValueError: cache_compute(): Argument #3 ($ttl) must be greater than or equal to 0
ValueError: cache_compute(): Argument #4 ($stale_ttl) must be greater than or equal to 0
TypeError: cache_compute(): Argument #5 ($tags) must be a list of strings, int given
ValueError: cache_compute(): Argument #6 ($refresh_ahead) must be greater than -1, which is the whole ttl
ValueError: cache_compute(): Argument #8 ($wait) must be greater than or equal to 0
ValueError: cache_compute(): Argument #8 ($wait) must be greater than or equal to 0
ValueError: cache_compute(): Argument #9 ($lease_ttl) must be greater than 0
ValueError: cache_compute(): Argument #9 ($lease_ttl) must be greater than 0
ValueError: cache_mark_stale(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_mark_stale(): Argument #1 ($key) must have keys of 1 to 65535 bytes, one of 0 bytes given at [0]
bool(true)
int(0)
