--TEST--
The last error keeps its fetched message until the request ends
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lifetime-last-error${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/lifetime.inc';

$message = fetched('message of some length');
@trigger_error($message);
unset($message);
reuse();
echo error_get_last()['message'], "\n";
register_shutdown_function(function () {
    reuse();
    echo error_get_last()['message'], "\n";
    @trigger_error(fetched('message of the shutdown'));
    reuse();
    echo error_get_last()['message'], "\n";
});
/* PHP 8.4 deprecates E_USER_ERROR. */
error_reporting(E_ALL & ~E_DEPRECATED);
$fatal = fetched('a fatal message of some length');
reuse();
trigger_error($fatal, E_USER_ERROR);
?>
--EXPECTF--
message of some length

Fatal error: a fatal message of some length in %s on line %d
a fatal message of some length
message of the shutdown
