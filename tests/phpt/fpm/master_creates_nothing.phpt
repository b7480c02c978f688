--TEST--
The master of FPM creates nothing: the first request does
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
cache.segment=test-fpm-master-creates-nothing${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';
require __DIR__ . '/../fpm.inc';


$folder = sys_get_temp_dir() . '/cache-test-' . getmypid();
mkdir($folder, 0700);
$fpm = new Fpm(['cache.segment' => 'pool', 'cache.segment_dir' => $folder]);
$fpm->run('echo 1;');
var_dump(count(glob("$folder/*")));
echo $fpm->run('var_dump(cache_store("key", 1));');
var_dump(count(glob("$folder/pool*")) > 0, cache_exists('key'));
unset($fpm);
array_map('unlink', glob("$folder/*"));
rmdir($folder);
?>
--EXPECT--
int(0)
bool(true)
bool(true)
bool(false)
