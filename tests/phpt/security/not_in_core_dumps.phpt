--TEST--
The mappings of the segment are left out of core dumps
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-security-core-dumps${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 'value');
$path = cache_info(true)['segment']['path'];
$mappings = $left_out = 0;
foreach (file('/proc/self/smaps', FILE_IGNORE_NEW_LINES) as $line) {
    if (preg_match('~^[0-9a-f]+-[0-9a-f]+ ~', $line)) {
        $ours = str_ends_with($line, $path);
        $mappings += (int) $ours;
    } elseif ($ours && preg_match('~^VmFlags:.* dd\b~', $line)) {
        $left_out++;
    }
}
// One to write by; and one to read by, at the common address.
var_dump($mappings === (cache_info(true)['segment']['mode'] === 'copy' ? 1 : 2), $left_out === $mappings);
?>
--EXPECT--
bool(true)
bool(true)
