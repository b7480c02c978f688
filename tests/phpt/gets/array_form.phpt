--TEST--
The array form of cache_gets() gives a token to each key that was asked for
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-gets-array-form${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store(['a' => 1, 'b' => [2], '7' => 'seven', 'x' => false, '-1' => 'minus', '08' => 'eight']);
cache_store('stale', 1, 60, 60);
cache_mark_stale('stale');
$values = cache_gets(['b', 'nope', 7, 'x', 'a', 'stale', '-1', '08', 'a'], $tokens);
var_dump($values);
echo json_encode(array_map(fn($token) => $token <=> 0, $tokens)), "\n";
foreach ($values as $key => $value) {
    cache_gets((string) $key, $token);
    $token === $tokens[$key] || print("another token for $key\n");
}
var_dump(cache_gets([], $tokens), $tokens, cache_gets(['a', 7]));
$key = 'a';
var_dump(cache_gets([&$key, 'b'], $tokens), array_keys($tokens));
attempt(fn() => cache_gets(['a', 1.5]));
attempt(fn() => cache_gets(['a', '']));
attempt(fn() => cache_gets(5, $token, 3));
?>
--EXPECT--
array(6) {
  ["b"]=>
  array(1) {
    [0]=>
    int(2)
  }
  [7]=>
  string(5) "seven"
  ["x"]=>
  bool(false)
  ["a"]=>
  int(1)
  [-1]=>
  string(5) "minus"
  ["08"]=>
  string(5) "eight"
}
{"b":1,"nope":0,"7":1,"x":1,"a":1,"stale":0,"-1":1,"08":1}
array(0) {
}
array(0) {
}
array(2) {
  ["a"]=>
  int(1)
  [7]=>
  string(5) "seven"
}
array(2) {
  ["a"]=>
  int(1)
  ["b"]=>
  array(1) {
    [0]=>
    int(2)
  }
}
array(2) {
  [0]=>
  string(1) "a"
  [1]=>
  string(1) "b"
}
TypeError: cache_gets(): Argument #1 ($key) must be a list of strings and integers, float given at [1]
ValueError: cache_gets(): Argument #1 ($key) must have keys of 1 to 65535 bytes, one of 0 bytes given at [1]
ArgumentCountError: cache_gets() expects at most 2 arguments, 3 given
