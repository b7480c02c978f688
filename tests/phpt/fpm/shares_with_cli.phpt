--TEST--
Workers of FPM and command-line processes of the same user share the segment
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
cache.segment=test-fpm-shares-with-cli${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';
require __DIR__ . '/../fpm.inc';


$fpm = new Fpm(['cache.segment' => ini_get('cache.segment')]);
cache_store('from cli', ['a' => 1]);
echo $fpm->run('var_dump(cache_fetch("from cli")["a"], cache_store("from fpm", new ArrayObject([2])), PHP_SAPI);');
var_dump(cache_fetch('from fpm')[0]);
for ($i = 0; $i < 10; $i++) {
    $fpm->run('cache_inc("requests"); cache_store("pid " . getmypid(), 1);');
}
var_dump(cache_fetch('requests'), count(new Cache\EntryIterator('pid ')) >= 1);
unset($fpm);
var_dump(cache_fetch('from fpm')[0], cache_info(true)['segment']['processes']);
?>
--EXPECT--
int(1)
bool(true)
string(8) "fpm-fcgi"
int(2)
int(10)
bool(true)
int(2)
int(1)
