--TEST--
Children that exit, one after another, free nothing that their parent and siblings read
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-fork-child-exits-first${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/family.inc';

$other = overwriter();
$values = fetchOriginals();
$other->ask();
$children = [];
for ($i = 0; $i < 4; $i++) {
    $children[$i] = new Relative(function (Line $line) use ($values) {
        for (;;) {
            $line->say(verdict($values));
            $line->wait();
        }
    });
    $children[$i]->hear();
}
/* They end in different ways: by exit(), at the end of the code, by an exception, by a signal. */
$ends = [
    fn() => exit(0), fn() => null, fn() => throw new Exception('the end'), fn() => shell_exec('kill -KILL ' . getmypid()),
];
foreach ($ends as $i => $end) {
    $leaving = new Relative(function (Line $line) use ($values, $end, $i) {
        $line->say("child $i: " . verdict($values));
        $line->wait();
        ini_set('display_errors', '0');
        $end();
    });
    echo $leaving->hear(), ', ', $leaving->end(), "\n";
    reuse();
    echo 'parent: ', verdict($values), ', others: ', implode(', ', array_map(fn($child) => $child->ask(), $children)), "\n";
}
foreach ($children as $i => $child) {
    $child->kill();
    reuse();
    $rest = array_slice($children, $i + 1);
    echo 'parent: ', verdict($values), ', others: ', implode(', ', array_map(fn($child) => $child->ask(), $rest)), "\n";
}
var_dump($other->end());
?>
--EXPECT--
child 0: right, 
parent: right, others: right, right, right, right
child 1: right, 
parent: right, others: right, right, right, right
child 2: right, ended with 255
parent: right, others: right, right, right, right
child 3: right, killed by signal 9
parent: right, others: right, right, right, right
parent: right, others: right, right, right
parent: right, others: right, right
parent: right, others: right
parent: right, others: 
string(0) ""
