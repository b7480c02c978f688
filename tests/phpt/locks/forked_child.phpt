--TEST--
A forked child holds nothing of its parent's
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-forked-child${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

cache_store('value', str_repeat('x', 5000));
foreach ([false, true] as $withPins) {
    $withPins && $value = cache_fetch('value');
    $token = cache_lock_for_write('x');
    reads('y');
    $child = lockChild(
        fn() => [cache_lock_info('x')['held_by_me'], cache_lock_release('x'), reads('x'), writes('y'), reads('y'), cache_lock_release('y')],
        fn() => writes('x', 30.0),
    );
    echo $child->hear(), "\n";
    var_dump(cache_lock_for_write('x') === $token, cache_lock_release('x'), cache_lock_release('x'), cache_lock_release('y'));
    echo $child->ask(), "\n";
    echo $child->end();
    var_dump(cache_lock_info());
}
?>
--EXPECT--
[null,false,false,false,true,true]
bool(true)
bool(true)
bool(true)
bool(true)
true
array(0) {
}
[null,false,false,false,true,true]
bool(true)
bool(true)
bool(true)
bool(true)
true
array(0) {
}
