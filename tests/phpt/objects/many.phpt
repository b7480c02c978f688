--TEST--
Many objects, deep chains, shared arrays; in place and copied they are equal
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-objects-many${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../process.inc';

class Node { public ?Node $next = null; public array $data; function __construct(public int $id, array $data) { $this->data = $data; } }
$shared = array_fill(0, 100, 'shared');
$nodes = $previous = [];
for ($i = 0; $i < 2000; $i++) {
    $nodes[] = $node = new Node($i, $i % 2 ? $shared : ['id' => $i, 'name' => "node $i"]);
    $node->next = $nodes[(int) ($i / 2)];
}

for ($chain = null, $i = 0; $i < 1000; $i++) {
    $head = new Node($i, []);
    $head->next = $chain;
    $chain = $head;
}
var_dump(cache_store('nodes', $nodes), cache_store('chain', $chain));
var_dump(serialize(cache_fetch('nodes')) === serialize($nodes), serialize(cache_fetch('chain')) === serialize($chain));
$fetched = cache_fetch('nodes');
var_dump($fetched[1999]->next === $fetched[999], $fetched[3]->data === $shared);
foreach (new Cache\EntryIterator(values: true) as $key => $entry) {
    var_dump($entry['type'], serialize($entry['value']) === serialize($key === 'nodes' ? $nodes : $chain));
}
$classes = 'class Node { public ?Node $next = null; public array $data; function __construct(public int $id, array $data) { $this->data = $data; } } ';
echo runPhp($classes . 'var_dump(md5(serialize(cache_fetch("nodes"))) === "' . md5(serialize($nodes)) . '");', ['cache.zero_copy' => 'off']);
for ($deep = null, $i = 0; $i < 10000; $i++) {
    $head = new Node($i, []);
    $head->next = $deep;
    $deep = $head;
}
try {
    cache_store('deep', $deep);
} catch (Cache\UnstorableException $e) {
    echo substr($e->getMessage(), -60), "\n";
}
while ($deep) {
    $deep = $deep->next;
}
?>
--EXPECTF--
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
string(%d) "%s"
bool(true)
string(%d) "%s"
bool(true)
bool(true)
%Anested too deeply, the limit is 4096 levels
