<?php

declare(strict_types=1);

/*
 * Loads Laravel by the autoloader that LARAVEL names, vendor/autoload.php of an application, and the library of this repository.
 */

require __DIR__ . '/../../../php_src/autoload.php';

spl_autoload_register(static function (string $class): void {
    foreach (['SharedCache\\Tests\\Laravel\\' => __DIR__ . '/', 'SharedCache\\Tests\\' => __DIR__ . '/../support/'] as $start => $folder) {
        $file = $folder . substr($class, strlen($start)) . '.php';
        if (str_starts_with($class, $start) && is_file($file)) {
            require $file;
            return;
        }
    }
});

// Composer puts its loader first. It is moved to the end: the PHPUnit that runs this is not to be mixed with one that lies there.
$before = spl_autoload_functions();
require (string) getenv('LARAVEL');
foreach (spl_autoload_functions() as $loader) {
    if (!in_array($loader, $before, true)) {
        spl_autoload_unregister($loader);
        spl_autoload_register($loader);
    }
}
