<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace Drupal\Core\Site;

final class Settings
{
    private static array $values = [];

    public function __construct(array $settings)
    {
        self::$values = $settings;
    }

    public static function get($name, $default = null)
    {
        return self::$values[$name] ?? $default;
    }

    public static function getApcuPrefix($identifier, $root, $site_path = '')
    {
        return "drupal.$identifier." . self::get('deployment_identifier') . ".$root/$site_path";
    }
}
