--TEST--
A child has its parent's version of a key beside the one that it fetches itself
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-fork-both-versions${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/family.inc';

$values = fetchOriginals(1);
$child = new Relative(function (Line $line) use ($values) {
    $own = fetchOriginals(2);
    $line->say('before: ' . verdict($values, 1) . ', ' . verdict($own, 2));
    $line->wait();
    reuse();
    $line->say('after: ' . verdict($values, 1) . ', ' . verdict($own, 2));
});
echo $child->hear(), "\n";
reuse();
$third = fetchOriginals(3);
echo $child->ask(), "\n";
var_dump($child->end());
reuse();
echo 'parent: ', verdict($values, 1), ', ', verdict($third, 3), "\n";
?>
--EXPECT--
before: right, right
after: right, right
string(0) ""
parent: right, right
