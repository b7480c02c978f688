--TEST--
What cannot be serialized is refused with the path to it
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-payload-unstorable${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

function generate() { yield 1; }
class NoSerialization
{
    public function __serialize(): array { return [fn() => 1]; }
}
attempt(fn() => cache_queue_push('q', 'k', fn() => 1));
attempt(fn() => cache_queue_push('q', 'k', STDIN));
attempt(fn() => cache_queue_push('q', 'k', new class {}));
attempt(fn() => cache_queue_push('q', 'k', generate()));
attempt(fn() => cache_queue_push('q', 'k', ['a' => [1, 'b' => fn() => 1]]));
attempt(fn() => cache_queue_push('q', 'k', [(object) ['file' => STDIN]]));
attempt(fn() => cache_queue_push('q', 'k', new NoSerialization));
var_dump(cache_queue_pop("q"), cache_queue_info("q")["pushed"]);
?>
--EXPECT--
Cache\UnstorableException: $payload cannot be cached: class Closure does not allow serialization
Cache\UnstorableException: $payload cannot be cached: it is a resource
Cache\UnstorableException: $payload cannot be cached: it is an object of an anonymous class (class@anonymous)
Cache\UnstorableException: $payload cannot be cached: class Generator does not allow serialization
Cache\UnstorableException: $payload['a']['b'] cannot be cached: class Closure does not allow serialization
Cache\UnstorableException: $payload[0]->file cannot be cached: it is a resource
Cache\UnstorableException: $payload cannot be cached: Serialization of 'Closure' is not allowed
NULL
int(0)
