--TEST--
Callbacks that suspend: two fibers that compute one key, and a fiber that is never resumed
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-compute-fibers${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$start = hrtime(true);
$make = fn(string $name) => function () use ($name) {
    Fiber::suspend("$name suspended");
    return $name;
};
$first = new Fiber(fn() => cache_compute('key', $make('first')));
$second = new Fiber(fn() => cache_compute('key', $make('second')));
/* The second one cannot wait for the first, which would never go on. */
var_dump($first->start(), $second->start(), cache_exists('key'));
$second->resume();
var_dump($second->getReturn(), cache_exists('key'));
$first->resume();
var_dump($first->getReturn(), cache_fetch('key'));
$left = new Fiber(fn() => cache_compute('left', $make('left')));
$left->start();
var_dump(cache_lease('left'));
unset($left);
gc_collect_cycles();
var_dump(cache_lease('left') > 0);
$thrown = new Fiber(fn() => cache_compute('thrown', $make('thrown')));
$thrown->start();
attempt(fn() => $thrown->throw(new Exception('into the fiber')));
var_dump(cache_compute('thrown', fn() => 'made'));
/* Across generators. */
function generate(): Generator { yield cache_compute('in a generator', fn() => 'made'); }
$generator = generate();
var_dump(cache_compute('from a generator', fn() => $generator->current()), cache_fetch('in a generator'), hrtime(true) - $start < 30e9);
/* Still suspended when the program ends. */
$end = new Fiber(fn() => cache_compute('end', $make('end')));
$end->start();
?>
--EXPECT--
string(15) "first suspended"
string(16) "second suspended"
bool(false)
string(6) "second"
bool(false)
string(5) "first"
string(5) "first"
int(0)
bool(true)
Exception: into the fiber
string(4) "made"
string(4) "made"
string(4) "made"
bool(true)
