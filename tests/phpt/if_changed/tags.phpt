--TEST--
A value whose tag was invalidated is stored anew; a stamp from before that is born invalid
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-if-changed-tags${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 'value', 60, 60, ['tag']);
$version = cache_key_info('key')['version'];
var_dump(cache_store_if_changed('key', 'value', 60, 60, ['tag']), cache_key_info('key')['version'] === $version);
cache_tag_invalidate('tag');
var_dump(cache_store_if_changed('key', 'value', 60, 60, ['tag']), cache_key_info('key')['version'] === $version, cache_fetch('key'));
cache_tag_invalidate('tag', true);
var_dump(cache_store_if_changed('key', 'value', 60, 60, ['tag']), cache_fetch('key'));
$began = (int) (microtime(true) * 1e6) - 5_000_000;
cache_store('late', 'value', 60, 60, ['late'], $began - 1);
cache_tag_invalidate('late');
var_dump(cache_store_if_changed('late', 'value', 60, 60, ['late'], $began), cache_exists('late'), cache_key_info('late')['state'] === CACHE_STATE_STALE);
var_dump(cache_store_if_changed('late', 'value', 60, 60, ['late']), cache_fetch('late'));
cache_tag_invalidate('late', true);
var_dump(cache_store_if_changed('late', 'value', 60, 60, ['late'], $began), cache_key_info('late'));
?>
--EXPECT--
int(2)
bool(true)
int(1)
bool(false)
string(5) "value"
int(1)
string(5) "value"
int(1)
bool(false)
bool(true)
int(1)
string(5) "value"
int(1)
NULL
