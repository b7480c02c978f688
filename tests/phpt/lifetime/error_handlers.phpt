--TEST--
Error handlers that are named by fetched values go on working
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lifetime-error-handlers${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/lifetime.inc';

class Log
{
    public static array $lines = [];
    public static function add(int $type, string $message): bool
    {
        reuse();
        self::$lines[] = $message;
        return true;
    }
}

function handler(int $type, string $message): bool
{
    return Log::add($type, "handler: $message");
}

set_error_handler(fetched('handler'));
$first = fetched('first message of some length');
reuse();
trigger_error($first);
set_error_handler(fetched(['Log', 'add']));
reuse();
echo $undefined;
trigger_error(fetched('second message of some length'), E_USER_WARNING);
restore_error_handler();
reuse();
trigger_error(fetched('third message of some length'));
register_shutdown_function(function () {
    trigger_error(fetched('message of the shutdown'));
    reuse();
    print_r(Log::$lines);
});
?>
--EXPECT--
Array
(
    [0] => handler: first message of some length
    [1] => Undefined variable $undefined
    [2] => second message of some length
    [3] => handler: third message of some length
    [4] => handler: message of the shutdown
)
