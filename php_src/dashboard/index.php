<?php

/*
 * The dashboard of the extension cache, for a site that has no code of its own for it: let the web server run this
 * file, and tell it who may see it. See docs/dashboard.md.
 *
 *     CACHE_DASHBOARD_PASSWORD_HASH='...' php -S 127.0.0.1:8080 dashboard/index.php
 *
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

use SharedCache\Dashboard\Configuration;
use SharedCache\Dashboard\Dashboard;
use SharedCache\Dashboard\Request;
use SharedCache\Dashboard\SettingsException;

// __DIR__ is the folder of the file itself, also where a symbolic link leads to it.
require_once __DIR__ . '/../autoload.php';

try {
    $response = (new Dashboard(Configuration::load()))->handle(Request::fromGlobals());
} catch (SettingsException $error) {
    $response = Dashboard::misconfigured($error);
}
$response->send();
