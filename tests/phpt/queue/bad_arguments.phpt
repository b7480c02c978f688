--TEST--
Arguments out of range throw, and change nothing
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-bad-arguments${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$long = str_repeat('q', 256);
foreach ([['', 'k'], [$long, 'k'], ['q', ''], ['q', str_repeat('k', 65536)], ['q', 'k', 1, -0.1], ['q', 'k', 1, NAN], ['q', 'k', 1, -INF],
    ['q', 'k', 1, 0, 2147483648], ['q', 'k', 1, 0, -2147483649], ['q', 'k', 1, 0, PHP_INT_MIN], [[], 'k'], ['q', []], ['q', 'k', 1, 'soon']] as $arguments) {
    attempt(fn() => cache_queue_push(...$arguments));
}
echo "pop\n";
foreach ([[''], [$long], [[]], [['q', '']], [['q', $long]], [['q', null]], [['q', ['r']]], [[1.5]], [array_fill(0, 65, 'q')], ['q', -1], ['q', NAN], ['q', 0, 0], ['q', 0, -1],
    ['q', 0, NAN], ['q', -INF], ['q', 'x'], [new stdClass]] as $arguments) {
    attempt(fn() => @cache_queue_pop(...$arguments));
}
echo "ends of runs\n";
foreach ([0, -1, NAN, -INF] as $seconds) {
    attempt(fn() => cache_queue_extend(1, 1, $seconds));
    attempt(fn() => cache_queue_fail(1, 1, null, $seconds));
}
attempt(fn() => cache_queue_ack('x', 1));
attempt(fn() => cache_queue_ack(1));
attempt(fn() => cache_queue_extend(1, 1));
attempt(fn() => cache_queue_fail(1, 1, []));
echo "others\n";
foreach (['cache_queue_info', 'cache_queue_dead', 'cache_queue_revive', 'cache_queue_purge'] as $function) {
    attempt(fn() => $function(''));
    attempt(fn() => $function($long));
    attempt(fn() => $function([]));
}
foreach ([0, -1, PHP_INT_MIN] as $limit) {
    attempt(fn() => cache_queue_dead('q', $limit));
}
attempt(fn() => cache_queue_revive('q', ''));
attempt(fn() => cache_queue_revive('q', str_repeat('k', 65536)));
attempt(fn() => cache_queue_purge('q', []));
var_dump(cache_queue_info());
?>
--EXPECT--
ValueError: cache_queue_push(): Argument #1 ($queue) must be a name of 1 to 255 bytes
ValueError: cache_queue_push(): Argument #1 ($queue) must be a name of 1 to 255 bytes
ValueError: cache_queue_push(): Argument #2 ($key) must be 1 to 65535 bytes long
ValueError: cache_queue_push(): Argument #2 ($key) must be 1 to 65535 bytes long
ValueError: cache_queue_push(): Argument #4 ($delay) must be greater than or equal to 0
ValueError: cache_queue_push(): Argument #4 ($delay) must be greater than or equal to 0
ValueError: cache_queue_push(): Argument #4 ($delay) must be greater than or equal to 0
ValueError: cache_queue_push(): Argument #5 ($priority) must be between -2147483648 and 2147483647
ValueError: cache_queue_push(): Argument #5 ($priority) must be between -2147483648 and 2147483647
ValueError: cache_queue_push(): Argument #5 ($priority) must be between -2147483648 and 2147483647
TypeError: cache_queue_push(): Argument #1 ($queue) must be of type string, array given
TypeError: cache_queue_push(): Argument #2 ($key) must be of type string, array given
TypeError: cache_queue_push(): Argument #4 ($delay) must be of type float, string given
pop
ValueError: cache_queue_pop(): Argument #1 ($queue) must be a name of 1 to 255 bytes
ValueError: cache_queue_pop(): Argument #1 ($queue) must be a name of 1 to 255 bytes
ValueError: cache_queue_pop(): Argument #1 ($queue) must be a list of 1 to 64 names
ValueError: cache_queue_pop(): Argument #1 ($queue) must be a name of 1 to 255 bytes
ValueError: cache_queue_pop(): Argument #1 ($queue) must be a name of 1 to 255 bytes
TypeError: cache_queue_pop(): Argument #1 ($queue) must be a list of strings and integers, null given
TypeError: cache_queue_pop(): Argument #1 ($queue) must be a list of strings and integers, array given
TypeError: cache_queue_pop(): Argument #1 ($queue) must be a list of strings and integers, float given
ValueError: cache_queue_pop(): Argument #1 ($queue) must be a list of 1 to 64 names
ValueError: cache_queue_pop(): Argument #2 ($wait) must be greater than or equal to 0
ValueError: cache_queue_pop(): Argument #2 ($wait) must be greater than or equal to 0
ValueError: cache_queue_pop(): Argument #3 ($lease) must be greater than 0
ValueError: cache_queue_pop(): Argument #3 ($lease) must be greater than 0
ValueError: cache_queue_pop(): Argument #3 ($lease) must be greater than 0
ValueError: cache_queue_pop(): Argument #2 ($wait) must be greater than or equal to 0
TypeError: cache_queue_pop(): Argument #2 ($wait) must be of type float, string given
TypeError: cache_queue_pop(): Argument #1 ($queue) must be of type array|string, stdClass given
ends of runs
ValueError: cache_queue_extend(): Argument #3 ($lease) must be greater than 0
bool(false)
ValueError: cache_queue_extend(): Argument #3 ($lease) must be greater than 0
ValueError: cache_queue_fail(): Argument #4 ($retry_in) must be greater than or equal to 0
ValueError: cache_queue_extend(): Argument #3 ($lease) must be greater than 0
ValueError: cache_queue_fail(): Argument #4 ($retry_in) must be greater than or equal to 0
ValueError: cache_queue_extend(): Argument #3 ($lease) must be greater than 0
ValueError: cache_queue_fail(): Argument #4 ($retry_in) must be greater than or equal to 0
TypeError: cache_queue_ack(): Argument #1 ($id) must be of type int, string given
ArgumentCountError: cache_queue_ack() expects exactly 2 arguments, 1 given
ArgumentCountError: cache_queue_extend() expects exactly 3 arguments, 2 given
TypeError: cache_queue_fail(): Argument #3 ($error) must be of type ?string, array given
others
ValueError: cache_queue_info(): Argument #1 ($queue) must be a name of 1 to 255 bytes
ValueError: cache_queue_info(): Argument #1 ($queue) must be a name of 1 to 255 bytes
TypeError: cache_queue_info(): Argument #1 ($queue) must be of type ?string, array given
ValueError: cache_queue_dead(): Argument #1 ($queue) must be a name of 1 to 255 bytes
ValueError: cache_queue_dead(): Argument #1 ($queue) must be a name of 1 to 255 bytes
TypeError: cache_queue_dead(): Argument #1 ($queue) must be of type string, array given
ValueError: cache_queue_revive(): Argument #1 ($queue) must be a name of 1 to 255 bytes
ValueError: cache_queue_revive(): Argument #1 ($queue) must be a name of 1 to 255 bytes
TypeError: cache_queue_revive(): Argument #1 ($queue) must be of type string, array given
ValueError: cache_queue_purge(): Argument #1 ($queue) must be a name of 1 to 255 bytes
ValueError: cache_queue_purge(): Argument #1 ($queue) must be a name of 1 to 255 bytes
TypeError: cache_queue_purge(): Argument #1 ($queue) must be of type string, array given
ValueError: cache_queue_dead(): Argument #2 ($limit) must be greater than 0
ValueError: cache_queue_dead(): Argument #2 ($limit) must be greater than 0
ValueError: cache_queue_dead(): Argument #2 ($limit) must be greater than 0
ValueError: cache_queue_revive(): Argument #2 ($key) must be 1 to 65535 bytes long
ValueError: cache_queue_revive(): Argument #2 ($key) must be 1 to 65535 bytes long
TypeError: cache_queue_purge(): Argument #2 ($dead) must be of type bool, array given
array(0) {
}
