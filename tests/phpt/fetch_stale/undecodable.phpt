--TEST--
A value whose class is gone is missing, and somebody rebuilds it
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-fetch-stale-undecodable${CACHE_TEST_RUN}
error_log=/dev/null
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../process.inc';

$segment = ini_get('cache.segment');
$code = 'class Gone { public $a = 1; } cache_store(["fresh" => new Gone, "stale" => new Gone], null, 0, 60); cache_mark_stale("stale");';
echo runPhp($code, ['cache.segment' => $segment]);
class Gone
{
    private int $other = 5;
    public function __unserialize(array $data): void { throw new LogicException('not called'); }
}
foreach (['fresh', 'stale'] as $key) {
    var_dump(cache_fetch_stale($key, $state, $lease), $state);
    $look = $lease;
    cache_fetch_stale($key, $state, $lease, 10);
    var_dump($look, $lease > 0);
    cache_fetch_stale($key, $state, $again, 10);
    var_dump($again, cache_commit($key, $lease, "new $key"), cache_fetch($key));
}
?>
--EXPECT--
bool(false)
int(0)
int(0)
bool(true)
int(-1)
bool(true)
string(9) "new fresh"
bool(false)
int(0)
int(0)
bool(true)
int(-1)
bool(true)
string(9) "new stale"
