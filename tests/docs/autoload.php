<?php

/*
 * Runs before each example: what an application's autoloader does. The library, and the interfaces where Debian has them.
 */
declare(strict_types=1);

require __DIR__ . '/../../php_src/autoload.php';

set_include_path(get_include_path() . ':/usr/share/php');
foreach (['Psr/Cache', 'Psr/SimpleCache', 'Symfony/Contracts/Cache'] as $library) {
    if (stream_resolve_include_path("$library/autoload.php")) {
        require_once "$library/autoload.php";
    }
}
