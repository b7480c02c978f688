<?php

declare(strict_types=1);

require __DIR__ . '/../../php_src/autoload.php';

spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'Tests\\')) {
        require __DIR__ . '/support/' . substr($class, 6) . '.php';
    }
});

// Symfony and PSR-3, where Debian puts them.
foreach (['Symfony/Component/Console', 'Psr/Log'] as $library) {
    if (is_file("/usr/share/php/$library/autoload.php")) {
        require_once "/usr/share/php/$library/autoload.php";
    }
}
