--TEST--
The environment, the locale and the time zone keep what was fetched
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lifetime-environment${CACHE_TEST_RUN}
cache.size=4M
cache.max_pinned=60%
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/lifetime.inc';

putenv(fetched('CACHE_TEST_VARIABLE=value of some length'));
$_ENV[fetched('variable of some length')] = fetched('value of some length');
$locale = setlocale(LC_ALL, fetched('C.UTF-8'), fetched('C'));
date_default_timezone_set(fetched('Europe/Lisbon'));
mb_encoding(fetched('UTF-8'));
srand(fetched(['seed' => 5])['seed']);
chdir(fetched(sys_get_temp_dir()));
$check = function () use ($locale): void {
    reuse();
    var_dump(getenv('CACHE_TEST_VARIABLE'), $_ENV['variable of some length'], setlocale(LC_ALL, '0') === $locale);
    var_dump(date_default_timezone_get(), trim((string) shell_exec('echo $CACHE_TEST_VARIABLE')), getcwd() === realpath(sys_get_temp_dir()));
};
$check();
register_shutdown_function($check);

function mb_encoding(string $name): void
{
    if (function_exists('mb_internal_encoding')) {
        mb_internal_encoding($name);
        mb_regex_encoding($name);
        mb_http_output($name);
    }
}
?>
--EXPECT--
string(20) "value of some length"
string(20) "value of some length"
bool(true)
string(13) "Europe/Lisbon"
string(20) "value of some length"
bool(true)
string(20) "value of some length"
string(20) "value of some length"
bool(true)
string(13) "Europe/Lisbon"
string(20) "value of some length"
bool(true)
