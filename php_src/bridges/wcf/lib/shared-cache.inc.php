<?php

/*
 * Makes the shared cache WCF's cache source: required at the end of config.inc.php. The library is the one beside this file, where the
 * package puts it, or else the one that PECL has installed.
 *
 * Part of the bridge from WoltLab Suite Core to the PHP extension "cache".
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
declare(strict_types=1);

(static function (): void {
    if (!class_exists(SharedCache\Pool::class)) {
        $own = __DIR__ . '/system/api/shared-cache/autoload.php';
        $library = is_file($own) ? $own : stream_resolve_include_path('Cache/autoload.php');
        if ($library !== false) {
            require_once $library;
        }
    }
    // The options come later and leave what is defined. Without the library WCF takes the disk, and says so in the ACP.
    defined('CACHE_SOURCE_TYPE') || define('CACHE_SOURCE_TYPE', 'shared');
})();
