<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

require __DIR__ . '/../../php_src/autoload.php';

spl_autoload_register(static function (string $class): void {
    foreach (['SharedCache\\Tests\\Storage\\' => __DIR__, 'SharedCache\\Tests\\' => dirname(__DIR__) . '/php'] as $start => $folder) {
        if (str_starts_with($class, $start)) {
            require "$folder/support/" . substr($class, strlen($start)) . '.php';

            return;
        }
    }
});
