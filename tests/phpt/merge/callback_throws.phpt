--TEST--
An exception of the callback comes out of cache_merge(); nothing is stored, and no turn is left
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-merge-callback-throws${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../process.inc';

cache_store('key', 'value', 60);
$info = cache_key_info('key');
foreach (['key', 'absent'] as $key) {
    attempt(fn() => cache_merge($key, fn() => throw new DomainException("for $key")));
    $tries = 0;
    // In its turn, too: the first tries are without one.
    attempt(fn() => cache_merge($key, function ($value) use (&$tries, $key) {
        if (++$tries > 6) {
            throw new DomainException('in its turn');
        }
        cache_store($key, $tries);
        return 'never stored';
    }));
    var_dump(cache_fetch($key));
    // Another process would wait for it.
    $begin = hrtime(true);
    echo runPhp("var_dump(cache_merge('$key', fn(\$value) => \$value, wait: 60));");
    var_dump((hrtime(true) - $begin) / 1e9 < 40);
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
DomainException: in its turn
int(6)
bool(true)
bool(true)
DomainException: for absent
DomainException: in its turn
int(6)
bool(true)
bool(true)
Cache\UnstorableException: $value cannot be cached: it is a resource
Cache\UnstorableException: $value[0] cannot be cached: class Closure does not allow serialization
TypeError: takesDate(): Argument #1 ($value) must be of type DateTime, int given
int(6)
NULL
