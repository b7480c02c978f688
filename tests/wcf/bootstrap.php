<?php

/*
 * WCF as the tests see it: the bridge, and either the stubs or, with WCF_LIB=/path/to/wcf/lib, the real classes. What would
 * need a database is replaced in both cases.
 */
declare(strict_types=1);

require_once __DIR__ . '/../../php_src/autoload.php';

define('TIME_NOW', time());
define('WCF_DIR', (getenv('CACHE_TEST_FOLDER') ?: sys_get_temp_dir()) . '/');
define('TMP_DIR', WCF_DIR);
define('CACHE_SOURCE_TYPE', 'shared');
define('ENABLE_DEBUG_MODE', true);

/** Where the classes of WCF come from, the first that has one. */
const REPLACED = ['wcf\system\WCF' => 'WCF', 'wcf\system\background\BackgroundQueueHandler' => 'BackgroundQueueHandler'];

spl_autoload_register(static function (string $class): void {
    $name = strtr($class, '\\', '/');
    $files = match (true) {
        isset(REPLACED[$class]) => [__DIR__ . '/support/' . REPLACED[$class] . '.php'],
        str_starts_with($name, 'Tests/Wcf/') => [__DIR__ . '/support/' . substr($name, 10) . '.php'],
        str_starts_with($name, 'SharedCache/Tests/') => [__DIR__ . '/../php/support/' . substr($name, 18) . '.php'],
        str_starts_with($name, 'wcf/') => [
            __DIR__ . '/../../php_src/bridges/wcf/lib/' . substr($name, 4) . '.class.php',
            (getenv('WCF_LIB') ?: __DIR__ . '/stubs') . '/' . substr($name, 4) . '.class.php',
        ],
        default => [],
    };
    foreach ($files as $file) {
        if (is_file($file)) {
            require $file;

            return;
        }
    }
});

// The libraries of others that WCF's disk cache needs.
if (getenv('WCF_LIB') && is_file(getenv('WCF_LIB') . '/system/api/autoload.php')) {
    require_once getenv('WCF_LIB') . '/system/api/autoload.php';
}
