--TEST--
The methods of the iterator work by hand, before rewind() and behind the end
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-iterator-methods${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 'value');
$iterator = new Cache\EntryIterator(values: true);
var_dump($iterator->valid(), $iterator->key(), $iterator->current()['value']);
$iterator->next();
var_dump($iterator->valid(), $iterator->key(), $iterator->current());
$iterator->next();
var_dump($iterator->valid());
$iterator->rewind();
var_dump($iterator->valid(), $iterator->key());
cache_clear();
$iterator->rewind();
var_dump($iterator->valid());
?>
--EXPECT--
bool(true)
string(3) "key"
string(5) "value"
bool(false)
NULL
NULL
bool(false)
bool(true)
string(3) "key"
bool(false)
