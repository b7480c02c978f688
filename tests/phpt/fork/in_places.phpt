--TEST--
Children that are forked in generators, fibers, callbacks and shutdown functions read fetched values
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-fork-in-places${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
/* Before the shutdown function that removes the segment's file, which a new process needs. */
$parent = getmypid();
register_shutdown_function(function () use ($parent, &$late) {
    if (getmypid() === $parent) {
        fork('shutdown', $late);
    }
});

require __DIR__ . '/../segment.inc';
require __DIR__ . '/family.inc';

function fork(string $place, array $values): void
{
    $child = new Relative(function (Line $line) use ($values) {
        reuse();
        $line->say(verdict($values));
        $line->wait();
        reuse();
        $line->say(verdict($values));
    });
    $said = [$child->hear()];
    reuse();
    $said[] = $child->ask();
    echo "$place: ", implode(', ', $said), ' ', $child->end(), ' ', verdict($values), "\n";
}

$generator = (function (array $values) {
    yield 1;
    fork('generator', $values);
    yield 2;
})(fetchOriginals());
$generator->current();
reuse();
$generator->next();

$fiber = new Fiber(function (array $values) {
    Fiber::suspend();
    fork('fiber', $values);
});
$fiber->start(fetchOriginals());
reuse();
$fiber->resume();

$values = fetchOriginals();
$list = [2, 1];
usort($list, function ($a, $b) use ($values) {
    fork('comparison', $values);
    return $a <=> $b;
});
set_error_handler(function () use ($values) {
    restore_error_handler();
    fork('error handler', $values);
    return true;
});
trigger_error('now');
$map = fetchOriginals()['map'];
foreach ($map as $key => &$element) {
    fork('loop by reference', $values);
    break;
}
var_dump($map === originals()['map']);
$late = fetchOriginals();
?>
--EXPECT--
generator: right, right  right
fiber: right, right  right
comparison: right, right  right
error handler: right, right  right
loop by reference: right, right  right
bool(true)
shutdown: right, right  right
