--TEST--
Strings of 0 bytes to 1 MB come back as they were
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-store-strings-of-all-sizes${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

foreach ([0, 1, 2, 7, 8, 9, 63, 64, 65, 1000, 4095, 4096, 4097, 16383, 16384, 16385, 65535, 65536, 1 << 20] as $size) {
    $value = $size > 32 ? substr(str_repeat(md5((string) $size, true), intdiv($size, 16) + 1), 0, $size) : str_repeat("\xff", $size);
    var_dump(cache_store("size $size", $value) && cache_fetch("size $size") === $value);
}
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
