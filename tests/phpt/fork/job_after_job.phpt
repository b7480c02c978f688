--TEST--
A process that forks a child for each job, holding values, does not run out of memory
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-fork-job-after-job${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/family.inc';

$wrong = 0;
for ($job = 0; $job < 60; $job++) {
    $values = fetchOriginals($job);
    $child = new Relative(function (Line $line) use ($values, $job) {
        reuse();
        $values['more'] = fetchOriginals($job);
        $line->say(verdict($values, $job));
    });
    reuse();
    $wrong += $child->hear() !== 'right';
    $child->end() === '' || $wrong++;
    $wrong += verdict($values, $job) !== 'right';
}
var_dump($wrong, cache_info(true)['segment']['processes']);
?>
--EXPECT--
int(0)
int(1)
