--TEST--
No call leaves memory behind, whether it succeeds or throws
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-memory${CACHE_TEST_RUN}
cache.queue_max_attempts=1
error_log=/dev/null
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

class Thrower
{
    public static bool $throws = false;
    public function __serialize(): array { return [str_repeat('x', 100)]; }
    public function __unserialize(array $data): void { self::$throws && throw new DomainException('thrown'); }
}
class Unserializable
{
    public function __serialize(): array { throw new DomainException('thrown'); }
}
$quietly = function (Closure $call): void {
    try {
        $call();
    } catch (Throwable) {
    }
};
$round = function (int $i) use ($quietly): void {
    $payloads = [str_repeat('p', 500), [$i, [str_repeat('a', 1000)]], new Thrower, 1.5];
    cache_queue_push("q$i", str_repeat('k', 300), $payloads[$i % 4]);
    cache_queue_push("q$i", str_repeat('k', 300), $payloads[$i % 4]);
    $quietly(fn() => cache_queue_push("q$i", "k$i", [str_repeat('x', 70000)]));
    $quietly(fn() => cache_queue_push("q$i", "k$i", [new Unserializable]));
    $quietly(fn() => cache_queue_push("q$i", "k$i", [fn() => 1]));
    $quietly(fn() => cache_queue_push("q$i", '', $i));
    $quietly(fn() => cache_queue_pop(["q$i", str_repeat('q', 300)]));
    $quietly(fn() => cache_queue_pop(["q$i", $i, null]));
    $quietly(fn() => cache_queue_pop(["q$i", $i], NAN));
    Thrower::$throws = $i % 8 === 2;
    $quietly(function () use ($i): void {
        $job = cache_queue_pop([$i % 10, "q$i"]);
        cache_queue_fail($job['id'], $job['token'], "error $i");
    });
    cache_queue_dead("q$i");
    cache_queue_info();
    cache_queue_info("q$i");
    $quietly(fn() => cache_queue_dead("q$i", -$i));
    cache_fetch_stale(["missing $i", 'missing'], $state, $lease, 10, 0, "q$i");
    cache_compute("made $i", fn() => str_repeat('v', 500), queue: "q$i");
    cache_queue_purge("q$i");
    cache_queue_purge("q$i", true);
};
for ($n = 0; $n < 2; $n++) {
    for ($i = 0; $i < 40; $i++) {
        $round($i);
    }
}
$before = memory_get_usage();
for ($n = 0; $n < 20; $n++) {
    for ($i = 0; $i < 40; $i++) {
        $round($i);
    }
}
unset($n, $i);
var_dump(memory_get_usage() - $before < 10000 ?: memory_get_usage() - $before);
?>
--EXPECT--
bool(true)
