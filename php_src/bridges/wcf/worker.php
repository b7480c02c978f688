<?php

/*
 * Lets `cache-worker run --bootstrap=` rebuild caches of WCF. Copy it as shared-cache-worker.php into WCF's folder, where global.php is.
 *
 * Part of the bridge from WoltLab Suite Core to the PHP extension "cache".
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
declare(strict_types=1);

use wcf\system\cache\shared\RebuildQueue;

if (PHP_SAPI !== 'cli') {
    http_response_code(404);
    exit;
}

// What WCF expects of a web server when it begins a session: that of a guest.
$_SERVER += [
    'HTTP_HOST' => 'localhost',
    'HTTP_USER_AGENT' => 'cache-worker',
    'REMOTE_ADDR' => '127.0.0.1',
    'REQUEST_METHOD' => 'GET',
    'REQUEST_URI' => '/',
    'SCRIPT_NAME' => '/index.php',
    'SERVER_NAME' => 'localhost',
];

require_once __DIR__ . '/global.php';

return RebuildQueue::registry();
