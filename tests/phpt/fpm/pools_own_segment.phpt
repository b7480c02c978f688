--TEST--
cache.segment of a pool gives it a segment of its own
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
cache.segment=test-fpm-pools-own-segment${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';
require __DIR__ . '/../fpm.inc';


$fpm = new Fpm(['cache.segment' => ini_get('cache.segment') . '-2']);
cache_store('key', 'cli');
echo $fpm->run('var_dump(cache_fetch("key"), cache_info(true)["segment"]["path"] !== "' . cache_info(true)['segment']['path'] . '"); unlink(cache_info(true)["segment"]["path"]);');
?>
--EXPECT--
bool(false)
bool(true)
