--TEST--
The iterator is final, and can be neither cloned, serialized nor given properties
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-iterator-object${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$class = new ReflectionClass('Cache\EntryIterator');
var_dump($class->isFinal(), $class->isIterable(), $class->implementsInterface('Countable'));
$iterator = new Cache\EntryIterator;
attempt(fn() => clone $iterator);
attempt(fn() => serialize($iterator));
attempt(fn() => $iterator->property = 1);
cache_store('key', 1);
$iterator->__construct('none');
var_dump($iterator->valid());
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
Error: Trying to clone an uncloneable object of class Cache\EntryIterator
Exception: Serialization of 'Cache\EntryIterator' is not allowed
Error: Cannot create dynamic property Cache\EntryIterator::$property
bool(false)
