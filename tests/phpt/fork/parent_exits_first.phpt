--TEST--
A child reads on when its parent, which had fetched the values, has ended
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-fork-parent-exits-first${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/family.inc';

$ends = [
    'exit' => fn() => exit(0), 'end of the code' => fn() => null, 'exception' => fn() => throw new Exception('the end'),
    'kill' => fn() => shell_exec('kill -KILL ' . getmypid()),
];
/* The test itself fetches nothing: it would keep the values. */
$other = overwriter();
$children = [];
foreach ($ends as $name => $end) {
    $seed = count($children);
    $children[$name] = $parent = new Relative(function (Line $line) use ($seed, $end) {
        $values = fetchOriginals($seed);
        $line->handOver(function (Line $line) use ($values, $seed) {
            for (;;) {
                $line->say(verdict($values, $seed));
                $line->wait();
            }
        });
        ini_set('display_errors', '0');
        $end();
    });
    $first = $parent->hear();
    echo "$name: $first, ", $parent->wait(), "\n";
}
$other->ask();
for ($i = 0; $i < 5; $i++) {
    reuse();
    echo implode(', ', array_map(fn($child) => $child->ask(), $children)), "\n";
}
unset($parent, $children);
var_dump($other->end());
for ($i = 0; $i < 500 && cache_info(true)['segment']['processes'] > 1; $i++) {
    usleep(10000);
}
var_dump(cache_info(true)['segment']['processes'], cache_info(true)['memory']['pinned']);
?>
--EXPECT--
exit: right, 
end of the code: right, 
exception: right, ended with 255
kill: right, killed by signal 9
right, right, right, right
right, right, right, right
right, right, right, right
right, right, right, right
right, right, right, right
string(0) ""
int(1)
int(0)
