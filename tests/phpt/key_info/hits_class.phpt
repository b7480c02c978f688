--TEST--
Reading an entry raises its class of hits up to 3, looking at it does not
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-key-info-hits-class${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 'value');
for ($i = 0; $i < 6; $i++) {
    echo cache_key_info('key')['hits_class'], ' ';
    cache_key_info('key');
    cache_fetch('key');
}
?>
--EXPECT--
0 1 2 3 3 3 
