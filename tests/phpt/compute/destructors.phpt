--TEST--
Destructors compute values: of objects that a callback leaves, and at the end
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-compute-destructors${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Computing
{
    public function __construct(private string $key) {}
    public function __destruct() { echo $this->key, ': ', cache_compute($this->key, fn($key) => "made for $key"), "\n"; }
}
echo cache_compute('outer', function () { new Computing('inner'); $local = new Computing('local'); return 'outer'; }), "\n";
attempt(fn() => cache_compute('throws', function () { $local = new Computing('thrown over'); throw new Exception('end'); }));
cache_store('stale', ['old'], 0, 60);
cache_mark_stale('stale');
echo cache_compute('stale', function () { $same = new Computing('stale'); return 'new'; }), "\n";
var_dump(cache_fetch('stale'));
$global = new Computing('at the end');
?>
--EXPECT--
inner: made for inner
local: made for local
outer
thrown over: made for thrown over
Exception: end
stale: made for stale
new
string(3) "new"
at the end: made for at the end
