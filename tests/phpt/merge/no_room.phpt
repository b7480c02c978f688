--TEST--
A result that is too big: false, and the old value is gone
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-merge-no-room${CACHE_TEST_RUN}
cache.size=2M
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 'old');
$calls = 0;
var_dump(cache_merge('key', function () use (&$calls) {
    $calls++;
    return str_repeat('x', 3 << 20);
}), $calls, cache_exists('key'), cache_merge('key', fn($value, $found) => [$value, $found]), cache_fetch('key'));
?>
--EXPECT--
bool(false)
int(1)
bool(false)
bool(true)
array(2) {
  [0]=>
  NULL
  [1]=>
  bool(false)
}
