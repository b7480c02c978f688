--TEST--
An exception of __serialize() or __sleep() passes through as it is
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-unstorable-own-exception${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Own extends Exception {}
class Modern { public function __serialize(): array { throw new Own('modern'); } }
class Classic { public function __sleep() { throw new Own('classic'); } }
cache_store('key', 'before');
attempt(fn() => cache_store('key', [new Modern]));
attempt(fn() => cache_store('key', new Classic));
var_dump(cache_fetch('key'));
?>
--EXPECT--
Own: modern
Own: classic
string(6) "before"
