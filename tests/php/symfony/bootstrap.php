<?php

declare(strict_types=1);

/*
 * Loads Symfony of the checkout that SYMFONY names, with its tests; PSR's interfaces of its vendor/, as `composer install` puts them
 * there, since Debian's are older; php-cache's suite of Debian; and the library of this repository.
 */

require __DIR__ . '/../../../php_src/autoload.php';

$symfony = (string) getenv('SYMFONY');
foreach (['src/Symfony/Component/Cache/Tests/Adapter/AdapterTestCase.php', 'vendor/psr/cache/src/CacheItemInterface.php'] as $file) {
    if (!is_file("$symfony/$file")) {
        throw new RuntimeException("SYMFONY=$symfony: there is no $file");
    }
}
$folders = [
    'SharedCache\\Tests\\Symfony\\' => __DIR__,
    'Symfony\\' => "$symfony/src/Symfony",
    'Psr\\Cache\\' => "$symfony/vendor/psr/cache/src",
    'Psr\\SimpleCache\\' => "$symfony/vendor/psr/simple-cache/src",
    'Psr\\Container\\' => "$symfony/vendor/psr/container/src",
    'Psr\\Log\\' => "$symfony/vendor/psr/log/src",
    'Cache\\IntegrationTests\\' => '/usr/share/php/Cache/IntegrationTests',
];
// Before others, which may bring Symfony's components of their own.
spl_autoload_register(static function (string $class) use ($folders): void {
    foreach ($folders as $start => $folder) {
        $file = "$folder/" . strtr(substr($class, strlen($start)), '\\', '/') . '.php';
        if (str_starts_with($class, $start) && is_file($file)) {
            require $file;
            return;
        }
    }
}, true, true);

// A class of Symfony's whose name is one byte, in its classmap.
if (is_file($wrapper = "$symfony/src/Symfony/Component/Cache/Traits/ValueWrapper.php")) {
    require $wrapper;
}

// Symfony's tests declare their callbacks with its own final class of items; the bridge's stands for it, unless Symfony's adapters are
// between.
if (getenv('SYMFONY_ITEMS') === 'bridge') {
    class_alias(SharedCache\Bridge\Symfony\Item::class, 'Symfony\\Component\\Cache\\CacheItem');
}
