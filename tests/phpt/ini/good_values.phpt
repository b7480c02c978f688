--TEST--
Values of all spellings that are documented are taken
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-ini-good-values${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

$good = [
    ['cache.size' => '1M'], ['cache.size' => '2097152'], ['cache.size' => '1G'], ['cache.zero_copy' => 'off'], ['cache.zero_copy' => 'rw'],
    ['cache.zero_copy' => '"OFF"'], ['cache.max_pinned' => '1%'], ['cache.max_pinned' => '64K'], ['cache.max_processes' => '1'],
    ['cache.serializer' => 'php'], ['cache.enable' => 'On'], ['cache.enable' => '"yes"'],
    ['cache.queue_size' => '1'], ['cache.queue_size' => '65536'], ['cache.queue_max_attempts' => '1'], ['cache.queue_max_attempts' => '100'],
];
foreach ($good as $i => $ini) {
    $code = 'var_dump(cache_store("k", [1]) && cache_fetch("k") === [1]); unlink(cache_info(true)["segment"]["path"]);';
    echo runPhp($code, ['cache.segment' => ini_get('cache.segment') . "-$i"] + $ini);
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
