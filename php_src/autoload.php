<?php

/*
 * Loads the classes of the namespace SharedCache where there is no Composer: `require 'Cache/autoload.php'` after
 * `pecl install cache`. Returns nothing; may be required more than once.
 *
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'SharedCache\\')) {
        $file = __DIR__ . '/src/' . strtr(substr($class, strlen('SharedCache\\')), '\\', '/') . '.php';
        if (is_file($file)) {
            require $file;
        }
    }
});
