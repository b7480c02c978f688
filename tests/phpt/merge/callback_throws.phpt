--TEST--
An exception of the callback comes out of cache_merge(); nothing is stored, and no lease is left
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-merge-callback-throws${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 'value', 60);
$info = cache_key_info('key');
foreach (['key', 'absent'] as $key) {
    attempt(fn() => cache_merge($key, fn() => throw new DomainException("for $key")));
    $tries = 0;
    // Under the lease, too: the first tries are without it.
    attempt(fn() => cache_merge($key, function ($value) use (&$tries, $key) {
        if (++$tries > 6) {
            var_dump(cache_lease($key));
            throw new DomainException('under the lease');
        }
        cache_store($key, $tries);
        return 'never stored';
    }));
    var_dump($tries, cache_fetch($key), cache_key_info($key)['lease'], ($lease = cache_lease($key)) > 0, cache_lease_release($key, $lease));
}
attempt(fn() => cache_merge('key', fn() => STDIN));
attempt(fn() => cache_merge('key', fn() => [fn() => 1]));
function takesDate(DateTime $value): int
{
    return 1;
}
attempt(fn() => cache_merge('key', 'takesDate'));
var_dump(cache_fetch('key'), cache_key_info('key')['lease']);
?>
--EXPECT--
DomainException: for key
int(0)
DomainException: under the lease
int(0)
int(6)
NULL
bool(true)
bool(true)
DomainException: for absent
int(0)
DomainException: under the lease
int(0)
int(6)
NULL
bool(true)
bool(true)
Cache\UnstorableException: $value cannot be cached: it is a resource
Cache\UnstorableException: $value[0] cannot be cached: class Closure does not allow serialization
TypeError: takesDate(): Argument #1 ($value) must be of type DateTime, int given
int(6)
NULL
