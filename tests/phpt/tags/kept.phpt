--TEST--
Tags are kept in the order given, each once
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-tags-kept${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 1, tags: ['b', 'a', 'b', "\0", str_repeat('t', 255)]);
echo json_encode(array_map(fn($tag) => strlen($tag) < 9 ? $tag : strlen($tag), cache_key_info('key')['tags'])), "\n";
cache_store('sixteen', 1, tags: [...range('a', 'p'), 'a']);
var_dump(count(cache_key_info('sixteen')['tags']));
cache_store('key', 1);
var_dump(cache_key_info('key')['tags']);
?>
--EXPECT--
["b","a","\u0000",255]
int(16)
array(0) {
}
