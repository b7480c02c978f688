<?php

declare(strict_types=1);

/*
 * Loads the module, the library, and Drupal's interfaces: those of stubs/, or with DRUPAL_CORE=/path/to/core the real ones.
 */

require __DIR__ . '/../php/bootstrap.php';
require_once 'Psr/Container/autoload.php';

$core = (string) getenv('DRUPAL_CORE');
$folders = [
    'Drupal\\Tests\\shared_cache\\' => [__DIR__ . '/support/', __DIR__ . '/'],
    'Drupal\\shared_cache\\' => [__DIR__ . '/../../php_src/bridges/drupal/shared_cache/src/'],
];
if ($core === '') {
    $folders['Drupal\\'] = [__DIR__ . '/stubs/'];
} else {
    require __DIR__ . '/core/load.php';
    $folders += Drupal\Tests\shared_cache\coreFolders($core);
}
spl_autoload_register(static function (string $class) use ($folders): void {
    foreach ($folders as $namespace => $paths) {
        if (str_starts_with($class, $namespace)) {
            foreach ($paths as $path) {
                $file = $path . strtr(substr($class, strlen($namespace)), '\\', '/') . '.php';
                if (is_file($file)) {
                    require $file;
                    return;
                }
            }
        }
    }
});

// Drupal 10 has not got it.
if (!interface_exists(Drupal\Core\Cache\CacheTagsChecksumPreloadInterface::class)) {
    require __DIR__ . '/stubs/Core/Cache/CacheTagsChecksumPreloadInterface.php';
}
