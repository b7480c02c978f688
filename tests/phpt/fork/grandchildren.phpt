--TEST--
Grandchildren read what was fetched two forks ago, whoever of the family has ended
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-fork-grandchildren${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/family.inc';

$other = overwriter();
$values = fetchOriginals(1);
$family = [];
foreach ([true, false] as $childStays) {
    $family[] = new Relative(function (Line $line) use ($values, $childStays) {
        $own = fetchOriginals(2);
        $pid = $line->handOver(function (Line $line) use ($values, $own) {
            $last = fetchOriginals(3);
            for (;;) {
                $line->say(verdict($values, 1) . ', ' . verdict($own, 2) . ', ' . verdict($last, 3));
                $line->wait();
            }
        });
        if ($childStays) {
            pcntl_waitpid($pid, $status);
            exit(verdict($values, 1) === 'right' && verdict($own, 2) === 'right' ? 0 : 2);
        }
    });
    echo end($family)->hear(), "\n";
}
$family[1]->wait();
$other->ask();
for ($i = 0; $i < 4; $i++) {
    reuse();
    echo $family[0]->ask(), '; ', $family[1]->ask(), "\n";
}
/* The line is closed: the grandchildren end, then the child that waits for one. */
[$child] = $family;
$family = null;
$child->close();
var_dump($child->wait(), $other->end(), verdict($values, 1));
?>
--EXPECT--
right, right, right
right, right, right
right, right, right; right, right, right
right, right, right; right, right, right
right, right, right; right, right, right
right, right, right; right, right, right
string(0) ""
string(0) ""
string(5) "right"
