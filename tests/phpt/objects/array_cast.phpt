--TEST--
The properties of a fetched stdClass are counted as those of any other: casts, copies and loops over them
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-objects-array-cast${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

function firstKeys(array $array): string
{
    foreach ($array as $key => $value) {
        $keys[] = $key;
    }
    return implode(' ', $keys);
}

/* Large enough to be read where it lies. */
$stored = (object) ['text' => str_repeat('x', 3000), 'list' => [1, 2, 3], 'row' => ['k' => 'v']];
cache_store('alone', $stored);
cache_store('inside', [$stored, 'other' => (object) ['n' => 1]]);
foreach ([cache_fetch('alone'), cache_fetch('inside')[0]] as $fetched) {
    $array = (array) $fetched;
    $copies = [$array, $array, (array) $fetched];
    echo firstKeys($array), ', ', firstKeys((array) $fetched), ', ', firstKeys(get_object_vars($fetched)), "\n";
    unset($copies);
    $clone = clone $fetched;
    $clone->list[] = 4;
    $clone->more = true;
    settype($array, 'object');
    $array->text = 'short';
    foreach ($fetched as $name => &$value) {
        $value = $name;
    }
    unset($value);
    var_dump($fetched->text, count($clone->list), isset($fetched->more), $array->row === ['k' => 'v']);
}
var_dump(cache_fetch('alone') == $stored, cache_fetch('inside')[0] == $stored, (array) cache_fetch('inside')['other']);
?>
--EXPECT--
text list row, text list row, text list row
string(4) "text"
int(4)
bool(false)
bool(true)
text list row, text list row, text list row
string(4) "text"
int(4)
bool(false)
bool(true)
bool(true)
bool(true)
array(1) {
  ["n"]=>
  int(1)
}
