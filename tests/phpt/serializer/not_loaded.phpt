--TEST--
A serializer that is not loaded: values are serialized by php, foreign ones are missing, one line says so
--EXTENSIONS--
cache
igbinary
--SKIPIF--
<?php
if (!is_file(ini_get('extension_dir') . '/igbinary.so')) {
    die('skip igbinary is built in');
}
?>
--INI--
cache.enable_cli=1
cache.segment=test-serializer-not-loaded${CACHE_TEST_RUN}
cache.serializer=igbinary
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

$without = preg_replace('/-d "extension=[^"]*igbinary[^"]*"/', '', phpCommand());
cache_store('igbinary', new Exception('igbinary'));
cache_store('text', 'plain');
echo shell_exec($without . ' -r ' . escapeshellarg('
    var_dump(extension_loaded("igbinary"), cache_fetch("igbinary", $success), $success, cache_fetch("igbinary"), cache_fetch("text"));
    var_dump(cache_store("php", new Exception("php")), cache_fetch("php")->getMessage());') . ' 2>&1');
var_dump(cache_fetch('php')->getMessage());
?>
--EXPECTF--
%Acache: entries serialized by igbinary count as missing: it is not loaded
%Abool(false)
bool(false)
bool(false)
bool(false)
string(5) "plain"
bool(true)
string(3) "php"
string(3) "php"
