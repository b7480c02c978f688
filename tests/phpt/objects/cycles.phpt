--TEST--
A fetched object in a cycle of its own is found by the garbage collector, also if it was never put into a variable
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-objects-cycles${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Node { public $next; public $text; }
$node = new Node;
$node->next = new Node;
$node->next->next = $node;
$node->text = 'first';
cache_store('object', $node);
cache_store('array', [$node]);
cache_store('state', new ArrayObject([$node]));
$node = $node->next = null;
gc_collect_cycles();
foreach (['object' => fn () => cache_fetch('object')->text, 'array' => fn () => cache_fetch('array')[0]->text, 'state' => fn () => cache_fetch('state')[0]->text] as $fetch) {
    for ($i = 0; $i < 50; $i++) {
        $fetch() === 'first' || print "wrong\n";
    }
    var_dump(gc_collect_cycles() >= 100);
}
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
