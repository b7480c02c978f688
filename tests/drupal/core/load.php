<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache;

/*
 * A checkout of Drupal's core for the tests: its classes, Debian's packages of the few others that they need, and stand-ins for the
 * base classes of its tests, which would want a whole site.
 */

foreach (['Config', 'DependencyInjection', 'HttpFoundation', 'Yaml'] as $component) {
    require_once "Symfony/Component/$component/autoload.php";
}

/** @return array<string, list<string>> folders by namespace */
function coreFolders(string $core): array
{
    if (!is_file("$core/lib/Drupal.php")) {
        throw new \RuntimeException("DRUPAL_CORE=$core: there is no lib/Drupal.php");
    }
    require "$core/lib/Drupal.php";

    return [
        'Drupal\\Core\\' => ["$core/lib/Drupal/Core/"],
        'Drupal\\Component\\' => ["$core/lib/Drupal/Component/"],
        'Drupal\\sqlite\\' => ["$core/modules/sqlite/src/"],
        // The stand-ins come first.
        'Drupal\\KernelTests\\' => [__DIR__ . '/KernelTests/', "$core/tests/Drupal/KernelTests/"],
        'Drupal\\Tests\\' => [__DIR__ . '/Tests/', "$core/tests/Drupal/Tests/"],
    ];
}

/** Drupal's connection to an SQLite file, or to ":memory:". */
function connectToSqlite(string $file): \Drupal\Core\Database\Connection
{
    $options = ['database' => $file, 'prefix' => '', 'init_commands' => []];
    $class = \Drupal\sqlite\Driver\Database\sqlite\Connection::class;

    return new $class($class::open($options), $options);
}
