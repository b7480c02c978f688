--TEST--
Where the cache is disabled nothing is queued, and nobody waits
--EXTENSIONS--
cache
--INI--
cache.enable_cli=0
cache.segment=test-queue-disabled${CACHE_TEST_RUN}
--FILE--
<?php
function attempt(callable $call): void
{
    try {
        var_dump($call());
    } catch (Throwable $thrown) {
        echo get_class($thrown), ': ', $thrown->getMessage(), "\n";
    }
}
var_dump(cache_enabled(), cache_queue_push('q', 'k', ['payload'], 5, 5), cache_queue_pop('q'));
$start = hrtime(true);
var_dump(cache_queue_pop(['q', 'r'], 30), cache_queue_pop('q', INF), (hrtime(true) - $start) / 1e9 < 20);
var_dump(cache_queue_extend(1, 1, 5), cache_queue_ack(1, 1), cache_queue_fail(1, 1, 'error', 5), cache_queue_info(), cache_queue_dead('q'), cache_queue_revive('q'), cache_queue_revive('q', 'k'), cache_queue_purge('q'), cache_queue_purge('q', true));
echo json_encode(cache_queue_info('q'), JSON_PRESERVE_ZERO_FRACTION), "\n";
attempt(fn() => cache_queue_push('', 'k'));
attempt(fn() => cache_queue_push('q', 'k', fn() => 1));
attempt(fn() => cache_queue_push('q', 'k', str_repeat('x', 65536)));
attempt(fn() => cache_queue_pop(''));
attempt(fn() => cache_queue_dead('q', 0));
attempt(fn() => cache_queue_info(''));
var_dump(cache_fetch_stale('k', $state, $lease, 5, queue: 'q'), $state, $lease, cache_compute('k', fn() => 'computed', queue: 'q'));
?>
--EXPECT--
bool(false)
int(0)
NULL
NULL
NULL
bool(true)
bool(false)
bool(false)
bool(false)
array(0) {
}
array(0) {
}
int(0)
int(0)
int(0)
int(0)
{"waiting":0,"delayed":0,"running":0,"dead":0,"pushed":0,"merged":0,"again":0,"acked":0,"failed":0,"lease_lost":0,"full":0,"dropped":0,"oldest_age":0.0,"workers":0}
ValueError: cache_queue_push(): Argument #1 ($queue) must be a name of 1 to 255 bytes
Cache\UnstorableException: $payload cannot be cached: class Closure does not allow serialization
ValueError: cache_queue_push(): Argument #3 ($payload) must have at most 65535 bytes when it is serialized, it has 65536
ValueError: cache_queue_pop(): Argument #1 ($queue) must be a name of 1 to 255 bytes
ValueError: cache_queue_dead(): Argument #2 ($limit) must be greater than 0
ValueError: cache_queue_info(): Argument #1 ($queue) must be a name of 1 to 255 bytes
bool(false)
int(0)
int(0)
string(8) "computed"
