--TEST--
An exception while a value is decoded gives its lease back, and those of the keys before
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-fetch-stale-decoding-throws${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Throws
{
    public int $number = 1;
    public function __wakeup(): void { throw new RuntimeException('not today'); }
}
cache_store('throws', new Throws, 0, 60);
cache_mark_stale('throws');
$state = $lease = 'untouched';
attempt(function () use (&$state, &$lease) { return cache_fetch_stale('throws', $state, $lease, 10); });
var_dump($state, $lease);
attempt(function () use (&$state, &$lease) { return cache_fetch_stale(['before', 'throws', 'after'], $state, $lease, 10); });
var_dump($state, $lease);
foreach (['before', 'throws', 'after'] as $key) {
    var_dump(cache_lease($key) > 0);
}
?>
--EXPECT--
RuntimeException: not today
string(9) "untouched"
string(9) "untouched"
RuntimeException: not today
string(9) "untouched"
string(9) "untouched"
bool(true)
bool(true)
bool(true)
