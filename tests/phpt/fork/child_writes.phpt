--TEST--
What a child writes into its copies changes neither those of its parent nor the cached ones
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-fork-child-writes${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/family.inc';

$values = fetchOriginals();
$child = new Relative(function (Line $line) use ($values) {
    foreach ($values as $key => &$value) {
        is_array($value) ? $value[] = 'written' : $value[0] = 'W';
    }
    $values['map']['key 000000']['tags'][] = 'written';
    sort($values['strings']);
    $line->say($values['string'] . ', ' . count($values['list']) . ', ' . end($values['map']['key 000000']['tags']));
    $line->wait();
    reuse();
    $line->say($values['string'] . ', ' . count($values['list']) . ', ' . end($values['map']['key 000000']['tags']));
});
echo $child->hear(), "\n";
echo 'parent: ', verdict($values), ', ', verdict(cache_fetch(array_keys(originals()))), "\n";
$values['map']['key 000000']['tags'][] = 'by the parent';
reuse();
echo $child->ask(), "\n";
var_dump($child->end(), $values['map']['key 000000']['tags']);
?>
--EXPECT--
Wtring number 000000, 62, written
parent: right, right
Wtring number 000000, 62, written
string(0) ""
array(3) {
  [0]=>
  string(10) "tag 000000"
  [1]=>
  string(3) "all"
  [2]=>
  string(13) "by the parent"
}
