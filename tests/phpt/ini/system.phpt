--TEST--
Settings cannot be changed by a script
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-ini-system${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

foreach (['enable', 'enable_cli', 'segment', 'segment_dir', 'size', 'zero_copy', 'max_pinned', 'serializer', 'max_processes', 'queue_size', 'queue_max_attempts'] as $name) {
    var_dump(ini_set("cache.$name", '1'), ini_get_all('cache')["cache.$name"]['access']);
}
?>
--EXPECT--
bool(false)
int(4)
bool(false)
int(4)
bool(false)
int(4)
bool(false)
int(4)
bool(false)
int(4)
bool(false)
int(4)
bool(false)
int(4)
bool(false)
int(4)
bool(false)
int(4)
bool(false)
int(4)
bool(false)
int(4)
