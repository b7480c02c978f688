<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/**
 * Settings of a site that has no code of its own for it: from the PHP file that CACHE_DASHBOARD_CONFIG names, which
 * returns an array, or from environment variables. With PHP-FPM these are `env[NAME] = value` of the pool or the web
 * server's `fastcgi_param`. Nothing that a visitor sends becomes a variable of such a name: headers begin with HTTP_.
 */
final class Configuration
{
    private const TEXTS = ['PASSWORD_HASH' => 'passwordHash', 'USER' => 'user', 'SECRET' => 'secret',
        'TITLE' => 'title'];
    private const SWITCHES = [
        'TRUSTED' => 'trusted', 'ACTIONS' => 'actions', 'VALUES' => 'values', 'DECODE' => 'decode',
        'METRICS' => 'metrics',
    ];

    /**
     * @param array<string, string>|null $environment null: the process's and the request's
     * @throws SettingsException
     */
    public static function load(?array $environment = null): Settings
    {
        $read = static function (string $name) use ($environment): ?string {
            $value = $environment === null ? getenv("CACHE_DASHBOARD_$name") : $environment["CACHE_DASHBOARD_$name"]
                ?? '';

            return $value === false || $value === '' ? null : $value;
        };
        $settings = [];
        foreach (self::TEXTS as $variable => $name) {
            if ($read($variable) !== null) {
                $settings[$name] = $read($variable);
            }
        }
        foreach (self::SWITCHES as $variable => $name) {
            if ($read($variable) !== null) {
                $settings[$name] = filter_var($read($variable), FILTER_VALIDATE_BOOL, FILTER_NULL_ON_FAILURE)
                    ?? throw new SettingsException("CACHE_DASHBOARD_$variable must be 0 or 1.");
            }
        }
        $file = $read('CONFIG');

        return Settings::fromArray(($file === null ? [] : self::file($file)) + $settings);
    }

    /** @throws SettingsException */
    private static function file(string $file): array
    {
        if (!is_file($file) || !is_readable($file)) {
            throw new SettingsException("The file $file, which CACHE_DASHBOARD_CONFIG names, "
                . (is_file($file) ? 'must not be read by this user; check its mode.' : 'does not exist.'));
        }
        try {
            $settings = (static fn (): mixed => require $file)();
        } catch (\Throwable $error) {
            throw new SettingsException(sprintf(
                'The file %s, which CACHE_DASHBOARD_CONFIG names, failed: %s: %s (line %d).',
                $file,
                $error::class,
                rtrim($error->getMessage(), '.'),
                $error->getLine(),
            ));
        }
        if (!is_array($settings)) {
            throw new SettingsException("The file $file, which CACHE_DASHBOARD_CONFIG names, returns "
                . get_debug_type($settings) . ': let it end with `return [...];`.');
        }

        return $settings;
    }
}
