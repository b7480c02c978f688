--TEST--
cache_key_info() describes an entry
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-key-info-fields${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', [1], 60, 30, ['t']);
$info = cache_key_info('key');
echo json_encode(array_map('gettype', $info)), "\n";
var_dump($info['ttl'], $info['stale_ttl'], $info['soft'] - $info['stamp'], $info['hard'] - $info['soft'], $info['tags']);
var_dump($info['version'] > 0, abs($info['stamp'] / 1e6 - microtime(true)) < 5, abs($info['accessed'] - time()) < 5, $info['size'] >= 64);
cache_store('forever', 1);
$lease = cache_lease('key', 20);
$info = cache_key_info('key');
var_dump($lease > 0, is_int($info['lease']['owner']), abs($info['lease']['deadline'] / 1e6 - microtime(true) - 20) < 5);
var_dump(cache_key_info('forever')['soft'], cache_key_info('forever')['hard'], cache_key_info('none'));
?>
--EXPECT--
{"version":"integer","stamp":"integer","state":"integer","ttl":"integer","stale_ttl":"integer","soft":"integer","hard":"integer","size":"integer","type":"string","tags":"array","hits_class":"integer","accessed":"integer","lease":"NULL"}
int(60)
int(30)
int(60000000)
int(30000000)
array(1) {
  [0]=>
  string(1) "t"
}
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
NULL
NULL
NULL
