--TEST--
cache_info() tells where the segment is and who is attached
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-info-segment${CACHE_TEST_RUN}
cache.size=16M
cache.max_processes=64
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$info = cache_info(true);
$segment = $info['segment'];
var_dump($info['enabled'], $info['version'] === phpversion('cache'), is_file($segment['path']), $segment['size'] === 16 << 20);
var_dump(str_contains($segment['path'], ini_get('cache.segment')), $segment['processes'], $segment['processes_max'], $segment['guest']);
var_dump(abs($segment['created'] / 1e6 - time()) < 60, in_array($segment['mode'], ['zero-copy', 'copy'], true));
var_dump(substr(sprintf('%o', fileperms($segment['path'])), -4), substr(sprintf('%o', fileperms(dirname($segment['path']))), -4));
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
int(1)
int(64)
bool(false)
bool(true)
bool(true)
string(4) "0600"
string(4) "0700"
