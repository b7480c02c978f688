--TEST--
cache_merge() refuses what is no callable, no key, no duration
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-merge-bad-arguments${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$never = function () { echo "called\n"; };
attempt(fn() => cache_merge('key', 'no_such_function'));
attempt(fn() => cache_merge('key', 5));
attempt(fn() => cache_merge('key', ['Missing', 'method']));
attempt(fn() => cache_merge('key', null));
attempt(fn() => cache_merge('key'));
attempt(fn() => cache_merge('', $never));
attempt(fn() => cache_merge(['key'], $never));
attempt(fn() => cache_merge('key', $never, -1));
attempt(fn() => cache_merge('key', $never, 0, NAN));
attempt(fn() => cache_merge('key', $never, tags: [5]));
foreach ([-0.001, -INF, NAN] as $wait) {
    attempt(fn() => cache_merge('key', $never, wait: $wait));
}
attempt(fn() => cache_merge('key', $never, wait: 'soon'));
attempt(eval('declare(strict_types=1); return fn() => cache_merge("key", $never, wait: "5");'));
attempt(eval('declare(strict_types=1); return fn() => cache_merge(5, $never);'));
function takesInt(int $required): int
{
    return 1;
}
attempt(fn() => cache_merge('key', 'takesInt'));
var_dump(cache_key_info('key'));
attempt(fn() => cache_merge('key', fn() => 'value', wait: -0.0));
attempt(fn() => cache_merge('key', fn() => 'value', wait: INF));
attempt(eval('declare(strict_types=1); return fn() => cache_merge("key", fn() => 1, wait: 5);'));
?>
--EXPECT--
TypeError: cache_merge(): Argument #2 ($merge) must be a valid callback, function "no_such_function" not found or invalid function name
TypeError: cache_merge(): Argument #2 ($merge) must be a valid callback, no array or string given
TypeError: cache_merge(): Argument #2 ($merge) must be a valid callback, class "Missing" not found
TypeError: cache_merge(): Argument #2 ($merge) must be a valid callback, no array or string given
ArgumentCountError: cache_merge() expects at least 2 arguments, 1 given
ValueError: cache_merge(): Argument #1 ($key) must be 1 to 65535 bytes long
TypeError: cache_merge(): Argument #1 ($key) must be of type string, array given
ValueError: cache_merge(): Argument #3 ($ttl) must be greater than or equal to 0
ValueError: cache_merge(): Argument #4 ($stale_ttl) must be greater than or equal to 0
TypeError: cache_merge(): Argument #5 ($tags) must be a list of strings, int given
ValueError: cache_merge(): Argument #6 ($wait) must be greater than or equal to 0
ValueError: cache_merge(): Argument #6 ($wait) must be greater than or equal to 0
ValueError: cache_merge(): Argument #6 ($wait) must be greater than or equal to 0
TypeError: cache_merge(): Argument #6 ($wait) must be of type float, string given
TypeError: cache_merge(): Argument #6 ($wait) must be of type float, string given
TypeError: cache_merge(): Argument #1 ($key) must be of type string, int given
TypeError: takesInt(): Argument #1 ($required) must be of type int, null given
NULL
bool(true)
bool(true)
bool(true)
