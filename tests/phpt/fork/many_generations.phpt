--TEST--
Each of many generations has all versions that its ancestors fetched
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-fork-many-generations${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/family.inc';

const GENERATIONS = 10;

$live = function (Line $line, array $versions) use (&$live): void {
    $versions[] = fetchVersion(count($versions));
    if (count($versions) < GENERATIONS) {
        /* Each generation but the last ends at once. */
        $line->handOver(fn(Line $line) => $live($line, $versions));
        return;
    }
    for (;;) {
        $right = array_filter($versions, fn($version, $n) => $version === version($n), ARRAY_FILTER_USE_BOTH);
        $line->say(count($right) . ' right');
        $line->wait();
    }
};
$first = new Relative(fn(Line $line) => $live($line, []));
echo $first->hear(), "\n", $first->wait(), "\n";
for ($i = 0; $i < 4; $i++) {
    reuse();
    echo $first->ask(), "\n";
}

function version(int $n): array
{
    return ["version $n" => range($n, $n + 300), 'text' => str_repeat("version $n, ", 200)];
}

function fetchVersion(int $n): array
{
    store('version', version($n));
    return cache_fetch('version');
}
?>
--EXPECT--
10 right

10 right
10 right
10 right
10 right
