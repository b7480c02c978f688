--TEST--
Only classes that forbid serialization are refused
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-unstorable-subclasses${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Storable extends ArrayIterator {}
class FileInfo extends SplFileInfo {}
attempt(fn() => cache_store('a', new Storable([1])));
attempt(fn() => cache_store('b', new FileInfo('/')));
var_dump(cache_store('c', new Exception('a message')));
var_dump(cache_fetch('c')->getMessage());
?>
--EXPECT--
bool(true)
Cache\UnstorableException: $value cannot be cached: class FileInfo does not allow serialization
bool(true)
string(9) "a message"
