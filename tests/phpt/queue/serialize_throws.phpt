--TEST--
What __serialize() throws comes out of the push, and nothing is queued
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-serialize-throws${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Thrower
{
    public function __serialize(): array { throw new DomainException('thrown'); }
}
attempt(fn() => cache_queue_push('q', 'k', new Thrower));
attempt(fn() => cache_queue_push('q', 'k', ['in' => ['an array' => new Thrower]]));
var_dump(cache_queue_pop('q'));
?>
--EXPECT--
DomainException: thrown
DomainException: thrown
NULL
