--TEST--
cache_fetch_entries() gives the fields that are asked for; without the value nothing is decoded
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-entries-wanted-fields${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Loud
{
    public function __unserialize(array $data): void
    {
        echo "decoded\n";
    }
    public function __serialize(): array
    {
        return [];
    }
}
cache_store('loud', new Loud(), 600, 60, ['a', 'b']);
cache_store('key', ['value'], 600, 60, ['a', 'b'], 1_700_000_000_000_000 + 86_400_000_000 * 100_000);
$all = cache_fetch_entries(['key'])['key'];
foreach (array_keys($all) as $name) {
    $field = &$wanted[0];
    $field = $name;
    var_dump(cache_fetch_entries(['key'], 0, '', $wanted)['key'] === [$name => $all[$name]]);
    unset($field);
}
var_dump(cache_fetch_entries(['key'], 0, '', array_reverse(array_keys($all)))['key'] === $all, 'in the order of the fields');
var_dump(cache_fetch_entries(['key'], 0, '', ['state', 'state', 'value'])['key']);
var_dump(cache_fetch_entries(['loud', 'absent'], 0, '', []));
var_dump(cache_fetch_entries(['loud'], 0, '', ['tags']), cache_fetch_entries(['loud'], PHP_INT_MAX, '', ['value', 'state']));
cache_fetch_entries(['loud'], 0, '', ['value']);
attempt(fn() => cache_fetch_entries(['key'], 0, '', ['value', 'Stamp']));
attempt(fn() => cache_fetch_entries(['key'], 0, '', [1]));
attempt(fn() => cache_fetch_entries(['key'], 0, '', ['value' => true]));
attempt(fn() => cache_fetch_entries(['key'], 0, '', 'value'));
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
string(26) "in the order of the fields"
array(2) {
  ["value"]=>
  array(1) {
    [0]=>
    string(5) "value"
  }
  ["state"]=>
  int(1)
}
array(1) {
  ["loud"]=>
  array(0) {
  }
}
array(1) {
  ["loud"]=>
  array(1) {
    ["tags"]=>
    array(2) {
      [0]=>
      string(1) "a"
      [1]=>
      string(1) "b"
    }
  }
}
array(1) {
  ["loud"]=>
  array(1) {
    ["state"]=>
    int(1)
  }
}
decoded
ValueError: cache_fetch_entries(): Argument #4 ($fields) must be a list of fields: value, stamp, token, lock, state, tags, accessed
ValueError: cache_fetch_entries(): Argument #4 ($fields) must be a list of fields: value, stamp, token, lock, state, tags, accessed
ValueError: cache_fetch_entries(): Argument #4 ($fields) must be a list of fields: value, stamp, token, lock, state, tags, accessed
TypeError: cache_fetch_entries(): Argument #4 ($fields) must be of type ?array, string given
