--TEST--
A value whose __unserialize() throws is computed anew, fresh or stale
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-compute-undecodable${CACHE_TEST_RUN}
error_log=
log_errors=1
display_errors=0
--FILE--
<?php
require __DIR__ . '/../segment.inc';

final class Broken
{
    public function __serialize(): array
    {
        return [1];
    }

    public function __unserialize(array $data): void
    {
        throw new LogicException('of an older version');
    }
}

foreach (['fresh', 'stale'] as $key) {
    cache_store($key, new Broken, 60, 60);
}
cache_mark_stale('stale');
foreach (['fresh', 'stale'] as $key) {
    var_dump(cache_compute($key, fn (string $key, mixed $old) => [$key, $old], 60, 60) === [$key, null]);
    var_dump(cache_fetch($key) === [$key, null], cache_key_info($key)['lease']);
}

// Somebody else makes it: whoever waits gets that.
cache_store('taken', new Broken, 60, 60);
$lease = cache_lease('taken');
var_dump(cache_compute('taken', fn () => 'computed for me', wait: 0.01));
var_dump(cache_commit('taken', $lease, 'committed'), cache_compute('taken', fn () => 'again'));
?>
--EXPECTF--
%Acache: the decoding of "fresh" failed: LogicException: of an older version
bool(true)
bool(true)
NULL
%Acache: the decoding of "stale" failed: LogicException: of an older version
bool(true)
bool(true)
NULL
%Acache: the decoding of "taken" failed: LogicException: of an older version
%Astring(15) "computed for me"
bool(true)
string(9) "committed"
