--TEST--
Settings whose values were fetched keep them until the request ends
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lifetime-settings${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/lifetime.inc';

$settings = [
    'user_agent' => 'agent of some length', 'error_prepend_string' => 'prepended text', 'error_append_string' => 'appended text',
    'default_charset' => 'ISO-8859-1', 'precision' => '9', 'serialize_precision' => '10', 'date.timezone' => 'Europe/Berlin',
    'include_path' => '/nowhere/of/some/length', 'arg_separator.output' => '&amp;', 'unserialize_callback_func' => 'callback',
    'highlight.string' => '#123456', 'assert.callback' => 'callback', 'sys_temp_dir' => 'ignored', 'memory_limit' => '512M',
    'auto_detect_line_endings' => '0', 'default_socket_timeout' => '30', 'url_rewriter.tags' => 'a=href',
];
foreach ($settings as $name => $value) {
    @ini_set(fetched($name), fetched($value));
}
$check = function (string $when) use ($settings): void {
    reuse();
    $different = array_filter($settings, fn($value, $name) => ini_get($name) !== $value, ARRAY_FILTER_USE_BOTH);
    echo "$when: ", implode(', ', array_keys($different)), "\n";
};
$check('set');
ini_restore('precision');
foreach ([1, 2, 3] as $number) {
    ini_set('precision', fetched("$number"));
}
ini_set('precision', fetched('9'));
$check('set again');
echo date_default_timezone_get(), ' ', get_include_path(), ' ', 1 / 3, "\n";
ini_restore('user_agent');
ini_set('user_agent', fetched('agent of some length'));
register_shutdown_function($check, 'shutdown');
?>
--EXPECT--
set: sys_temp_dir
set again: sys_temp_dir
Europe/Berlin /nowhere/of/some/length 0.333333333
shutdown: sys_temp_dir
