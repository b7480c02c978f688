--TEST--
A request that fetches and ends, over and over, frees nothing of a family that reads
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-fork-requests-of-others${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/family.inc';

require __DIR__ . '/../process.inc';

$values = fetchOriginals();
$child = new Relative(function (Line $line) use ($values) {
    for (;;) {
        $line->say(verdict($values));
        $line->wait();
    }
});
$child->hear();
$code = 'require ' . var_export(__DIR__ . '/../lifetime/lifetime.inc', true) . ';'
    . 'cache_fetch(array_keys(originals())); $v = fetchOriginals(SEED); reuse(); echo verdict($v, SEED);';
for ($i = 0; $i < 5; $i++) {
    storeOriginals();
    echo runPhp(strtr($code, ['SEED' => $i])), ', ', $child->ask(), ', ', verdict($values), "\n";
}
$child->close();
var_dump($child->wait() !== '');
?>
--EXPECT--
right, right, right
right, right, right
right, right, right
right, right, right
right, right, right
bool(true)
