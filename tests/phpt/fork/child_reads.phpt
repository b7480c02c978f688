--TEST--
A child reads what its parent fetched before the fork, while the parent and others overwrite it
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-fork-child-reads${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/family.inc';

$other = overwriter();
$values = fetchOriginals();
$other->ask();
$child = new Relative(function (Line $line) use ($values) {
    for ($i = 0; $i < 5; $i++) {
        $line->say(verdict($values));
        $line->wait();
    }
    reuse();
    $line->say('overwritten by itself: ' . verdict($values));
});
echo $child->hear(), "\n";
for ($i = 0; $i < 5; $i++) {
    reuse();
    storeOriginals(50 + $i);
    echo $child->ask(), "\n";
}
var_dump($child->end(), $other->end());
reuse();
echo 'parent: ', verdict($values), "\n";
?>
--EXPECT--
right
right
right
right
right
overwritten by itself: right
string(0) ""
string(0) ""
parent: right
