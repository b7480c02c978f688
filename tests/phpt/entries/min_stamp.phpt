--TEST--
Entries that are older than $min_stamp come without value and are not decoded
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-entries-min-stamp${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

final class Throwing
{
    public function __serialize(): array { return []; }
    public function __unserialize(array $data): void { throw new Exception('decoded'); }
}
$t = (int) (microtime(true) * 1e6) - 50_000_000;
cache_store('throwing', new Throwing, 600, 600, ['tag'], $t);
cache_store('text', 'text', 600, 600, stamp: $t);
cache_store('int', 5, 600, 600, stamp: $t + 1);
cache_store('marked', new Throwing, 600, 600, stamp: $t);
cache_mark_stale('marked');
$marked = -cache_stamp('marked');
$keys = ['throwing', 'text', 'int'];
$entries = cache_fetch_entries($keys, $t + 1);
var_dump(array_keys($entries['throwing']), $entries['throwing']['tags'], $entries['throwing']['state'], $entries['throwing']['stamp'] === $t, array_keys($entries['text']), $entries['int']['value']);
cache_gets('text', $token);
var_dump($entries['text']['token'] === $token, array_column(cache_fetch_entries($keys, PHP_INT_MAX), 'value'), count(cache_fetch_entries($keys, PHP_INT_MAX)));
var_dump(array_key_exists('value', cache_fetch_entries(['marked'], $marked + 1)['marked']));
attempt(fn() => cache_fetch_entries(['marked'], $marked));
attempt(fn() => cache_fetch_entries(['text', 'throwing', 'int'], $t));
attempt(fn() => cache_fetch_entries(['text', 'throwing', 'int']));
?>
--EXPECT--
array(6) {
  [0]=>
  string(5) "stamp"
  [1]=>
  string(5) "token"
  [2]=>
  string(4) "lock"
  [3]=>
  string(5) "state"
  [4]=>
  string(4) "tags"
  [5]=>
  string(8) "accessed"
}
array(1) {
  [0]=>
  string(3) "tag"
}
int(1)
bool(true)
array(6) {
  [0]=>
  string(5) "stamp"
  [1]=>
  string(5) "token"
  [2]=>
  string(4) "lock"
  [3]=>
  string(5) "state"
  [4]=>
  string(4) "tags"
  [5]=>
  string(8) "accessed"
}
int(5)
bool(true)
array(0) {
}
int(3)
bool(false)
Exception: decoded
Exception: decoded
Exception: decoded
