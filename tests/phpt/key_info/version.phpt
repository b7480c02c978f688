--TEST--
Every store gives a new version; inc and cas keep it
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-key-info-version${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 1);
$versions = [cache_key_info('key')['version']];
cache_inc('key');
cache_cas('key', 2, 3);
var_dump(cache_key_info('key')['version'] === $versions[0]);
for ($i = 0; $i < 10; $i++) {
    cache_store('key', 1);
    $versions[] = cache_key_info('key')['version'];
    cache_delete('key');
    cache_add('key', 1);
    $versions[] = cache_key_info('key')['version'];
}
var_dump(count(array_unique($versions)), min($versions) > 0);
?>
--EXPECT--
bool(true)
int(21)
bool(true)
