--TEST--
cache_lock_info() tells who holds what
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-info${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

var_dump(cache_lock_info(), cache_lock_info('x'));
$other = lockChild(fn() => [reads('x'), writes('y'), reads('5')]);
$other->hear();
$token = cache_lock_for_read('x', 0, 100);
cache_lock_for_read('x');
$mine = cache_lock_for_write('z', 0, 100);
$info = cache_lock_info('x');
var_dump($info['token'] === $token, $info['lease_left']);
unset($info['token']);
echo json_encode($info), "\n";
$all = cache_lock_info();
ksort($all);
echo json_encode(array_keys($all)), "\n";
foreach ($all as $name => $lock) {
    echo $name, ' ', json_encode([$lock['writer'], $lock['readers'], $lock['waiting'], $lock['held_by_me'], $lock['count'], $lock['abandoned']]), "\n";
}
var_dump($all['z']['token'] === $mine, round($all['z']['lease_left']), array_keys($all['z']) === array_keys(cache_lock_info('y')));
$waiter = lockChild(fn() => writes('x', 30.0));
awaitWriter('x');
var_dump(cache_lock_info()['x']['waiting']);
$waiter->kill();
$long = str_repeat('long', 100);
cache_lock_for_read($long . '1');
cache_lock_for_read($long . '2');
$names = array_values(array_filter(array_keys(cache_lock_info()), fn($name) => str_starts_with((string) $name, 'long')));
var_dump(count($names), strlen($names[0]), str_starts_with($long, substr($names[0], 0, 88)), cache_lock_info($long . '1')['held_by_me']);
$other->end();
?>
--EXPECT--
array(0) {
}
array(0) {
}
bool(true)
NULL
{"writer":false,"readers":2,"waiting":false,"held_by_me":"read","count":2,"abandoned":false,"lease_left":null}
[5,"x","y","z"]
5 [false,1,false,null,0,false]
x [false,2,false,"read",2,false]
y [true,0,false,null,0,false]
z [true,0,false,"write",1,false]
bool(true)
float(100)
bool(true)
bool(true)
int(2)
int(108)
bool(true)
string(4) "read"
