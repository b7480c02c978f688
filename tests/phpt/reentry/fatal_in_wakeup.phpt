--TEST--
A fatal error inside of a fetch releases what was pinned
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-reentry-fatal-in-wakeup${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

class Fatal
{
    public $data;
    public function __wakeup(): void {}
}
$fatal = new Fatal;
$fatal->data = str_repeat('x', 100000);
cache_store('key', $fatal);
$output = runPhp('class Fatal { public $data; public function __wakeup(): void { str_repeat("x", 100 << 20); } }
    register_shutdown_function(function () { var_dump(cache_exists("key")); }); cache_fetch("key"); echo "not reached";', ['memory_limit' => '8M']);
var_dump(str_contains($output, 'Allowed memory size'), str_contains($output, 'bool(true)'), str_contains($output, 'not reached'));
var_dump(cache_info(true)['memory']['pinned'], cache_store('key', 1), cache_fetch('key'));
?>
--EXPECT--
bool(true)
bool(true)
bool(false)
int(0)
bool(true)
int(1)
