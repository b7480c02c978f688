<?php

declare(strict_types=1);

require __DIR__ . '/../../php_src/autoload.php';
require __DIR__ . '/../php/support/Processes.php';

spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'SharedCache\\Tests\\Flow\\')) {
        require __DIR__ . '/support/' . substr($class, 23) . '.php';
    }
});
