<?php

declare(strict_types=1);

require __DIR__ . '/../../php_src/autoload.php';

spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'SharedCache\\Tests\\')) {
        require __DIR__ . '/support/' . substr($class, 18) . '.php';
    }
});

// Where Debian puts them.
set_include_path('/usr/share/php');
foreach (['Psr/Cache', 'Psr/SimpleCache', 'Cache/IntegrationTests', 'Symfony/Component/Cache'] as $library) {
    require_once "$library/autoload.php";
}
