--TEST--
An exception of __unserialize() comes out of the fetch, and nothing stays pinned
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-reentry-wakeup-throws${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Throwing
{
    public $n = 1;
    public function __wakeup(): void { throw new DomainException('woken'); }
}
cache_store('key', ['a' => new Throwing, 'b' => [1, 2]]);
attempt(fn() => cache_fetch('key'));
attempt(fn() => cache_fetch(['none', 'key', 'key']));
attempt(function () {
    foreach (new Cache\EntryIterator(values: true) as $entry) {
        echo "not reached\n";
    }
});
var_dump(cache_info(true)['memory']['pinned'], cache_exists('key'), cache_store('key', 1), cache_fetch('key'));
?>
--EXPECT--
DomainException: woken
DomainException: woken
DomainException: woken
int(0)
bool(true)
bool(true)
int(1)
