--TEST--
A bad value in a pool is logged and leaves the cache off in that pool
--EXTENSIONS--
cache
--SKIPIF--
<?php
require __DIR__ . '/../fpm.inc';
if (!fpmBinary()) {
    die('skip needs a php-fpm of this version');
}
?>
--INI--
cache.enable_cli=1
cache.segment=test-fpm-bad-pool-value${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';
require __DIR__ . '/../fpm.inc';


$fpm = new Fpm(['cache.size' => 'banana']);
echo $fpm->run('var_dump(cache_enabled(), cache_store("key", 1), cache_info()["reason"]);');
var_dump($fpm->logs('cache.size must be a size from 1M to 1024G, such as 64M; "banana" was given'));
?>
--EXPECT--
bool(false)
bool(false)
string(41) "a setting is not valid: see the error log"
bool(true)
