--TEST--
exit() with a fetched string prints it, and shutdown goes on with right values
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lifetime-exit-message${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/lifetime.inc';

ob_start(function (string $buffer): string {
    reuse();
    return $buffer;
});
$values = fetchOriginals();
register_shutdown_function(function () use ($values) {
    reuse();
    echo verdict($values), "\n";
});
$message = fetched("message of some length\n");
reuse();
exit($message);
?>
--EXPECT--
message of some length
right
