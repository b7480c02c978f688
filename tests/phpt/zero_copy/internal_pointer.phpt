--TEST--
The internal pointer of a fetched array stands at its first element, wherever that of the stored one stood
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-zero-copy-internal-pointer${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$list = range(0, 5);
unset($list[0]);
$map = ['a' => 1, 'b' => 2, 'c' => ['x' => 1, 'y' => 2]];
next($list);
next($map);
next($map['c']);
cache_store('list', $list);
cache_store('map', $map);
for ($i = 0; $i < 2; $i++) {
    $list = cache_fetch('list');
    $map = cache_fetch('map');
    var_dump(key($list), key($map), key($map['c']));
    next($list);
    end($map);
}
var_dump(key($list), key($map));
?>
--EXPECT--
int(1)
string(1) "a"
string(1) "x"
int(1)
string(1) "a"
string(1) "x"
int(2)
string(1) "c"
