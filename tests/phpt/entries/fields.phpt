--TEST--
cache_fetch_entries() gives values and words of entries, fresh or stale
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-entries-fields${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$t = (int) (microtime(true) * 1e6) - 50_000_000;
cache_store('key', ['value'], 600, 60, ['a', 'b'], $t);
cache_store('7', 5, 600, 60, stamp: $t);
cache_store('stale', 'stale', 5, 600, stamp: $t);
cache_store('marked', str_repeat('marked', 100), 600, 600);
cache_store('gone', 'gone', 5, 5, stamp: $t);
cache_store('tagged', null, 600, 600, ['tag'], $t);
cache_store('hard', 1, 600, 600, ['hard']);
cache_tag_invalidate('tag');
cache_tag_invalidate('hard', true);
cache_cas_lock('key', 0, 77);
cache_mark_stale('marked');
$key = 'key';
$entries = cache_fetch_entries(['marked', 'absent', 7, 'gone', &$key, 'stale', 'tagged', 'hard', 'marked']);
var_dump(array_keys($entries));
cache_gets('key', $token);
cache_gets('7', $token_of_7);
$accessed = $entries['key']['accessed'];
var_dump($entries['key'] === ['value' => ['value'], 'stamp' => $t, 'token' => $token, 'lock' => 77, 'state' => CACHE_STATE_FRESH, 'tags' => ['a', 'b'], 'accessed' => $accessed]);
var_dump(is_int($accessed) && abs($accessed - time()) < 60);
var_dump($entries[7]['value'], $entries[7]['token'] === $token_of_7, $entries[7]['tags'], $entries[7]['lock']);
foreach (['stale', 'marked', 'tagged'] as $key) {
    echo $key, ' ', $entries[$key]['state'], ' ', $entries[$key]['stamp'] <=> 0, ' ', json_encode(array_key_exists('value', $entries[$key])), ' ', json_encode(cache_cas_store($key, $entries[$key]['token'], 'new')), "\n";
}
var_dump($entries['stale']['value'], strlen($entries['marked']['value']), $entries['tagged']['value'], cache_fetch_entries([]));
attempt(fn() => cache_fetch_entries('key'));
attempt(fn() => cache_fetch_entries(['key', '']));
attempt(fn() => cache_fetch_entries(['key', 1.5]));
attempt(fn() => cache_fetch_entries(['key', []]));
attempt(fn() => cache_fetch_entries(['key'], -1));
attempt(eval('declare(strict_types=1); return fn() => cache_fetch_entries(["key"], "5");'));
var_dump(count(cache_fetch_entries(min_stamp: 0, keys: ['key'])));
?>
--EXPECT--
array(5) {
  [0]=>
  string(6) "marked"
  [1]=>
  int(7)
  [2]=>
  string(3) "key"
  [3]=>
  string(5) "stale"
  [4]=>
  string(6) "tagged"
}
bool(true)
bool(true)
int(5)
bool(true)
array(0) {
}
int(0)
stale 3 1 true true
marked 3 -1 true true
tagged 3 1 true true
string(5) "stale"
int(600)
NULL
array(0) {
}
TypeError: cache_fetch_entries(): Argument #1 ($keys) must be of type array, string given
ValueError: cache_fetch_entries(): Argument #1 ($keys) must have keys of 1 to 65535 bytes, one of 0 bytes given at [1]
TypeError: cache_fetch_entries(): Argument #1 ($keys) must be a list of strings and integers, float given at [1]
TypeError: cache_fetch_entries(): Argument #1 ($keys) must be a list of strings and integers, array given at [1]
ValueError: cache_fetch_entries(): Argument #2 ($min_stamp) must be greater than or equal to 0
TypeError: cache_fetch_entries(): Argument #2 ($min_stamp) must be of type int, string given
int(1)
