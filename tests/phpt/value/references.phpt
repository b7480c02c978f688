--TEST--
References inside of a value stay references, and recursion stays recursion
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-value-references${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$shared = 1;
cache_store('shared', ['a' => &$shared, 'b' => &$shared, 'c' => 1]);
$fetched = cache_fetch('shared');
$fetched['a'] = 2;
var_dump($fetched['b'], $fetched['c']);

$recursive = ['name' => 'loop'];
$recursive['self'] = &$recursive;
var_dump(cache_store('recursive', $recursive));
$fetched = cache_fetch('recursive');
var_dump($fetched['self']['self']['self']['name']);

$node = new stdClass;
$node->self = $node;
cache_store('node', $node);
$fetched = cache_fetch('node');
var_dump($fetched->self === $fetched, $fetched !== $node);
?>
--EXPECT--
int(2)
int(1)
bool(true)
string(4) "loop"
bool(true)
bool(true)
