--TEST--
More locks than a process may hold, and than there may be, are refused and counted
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-too-many${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

for ($i = 0; $i < 30; $i++) {
    reads("mine $i") || print "$i was refused\n";
}
var_dump(reads('one more'), writes('one more', 10.0), reads('mine 3'), cache_info(true)['named_locks_refused']);
var_dump(cache_lock_release('mine 8'), writes('one more'));
$children = [];
for ($i = 0; $i < 8; $i++) {
    $children[] = lockChild(static function () use ($i) {
        for ($had = 0; $had < 30 && writes("child $i, $had"); $had++);
        return $had;
    });
    $had[] = (int) end($children)->hear();
}
var_dump(array_sum($had), count(cache_lock_info()), cache_lock_release('mine 9'), writes('mine 9'));
/* The dead make room. */
array_map(fn($child) => $child->kill(), $children);
$child = lockChild(function () {
    for ($i = 0; $i < 30 && writes("new $i"); $i++);
    return $i;
});
echo $child->hear(), "\n";
$child->end();
?>
--EXPECT--
bool(false)
bool(false)
bool(true)
int(2)
bool(true)
bool(true)
int(226)
int(256)
bool(true)
bool(true)
30
