<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console;

use SharedCache\Rebuild\Registry;

/** The file of the application that sets it up and returns its Registry. */
final class Bootstrap
{
    /** @throws Failure */
    public static function check(?string $file): string
    {
        if ($file === null) {
            throw new Failure(
                'Which loaders there are is not known: give --bootstrap=FILE, a PHP file that returns a '
                    . Registry::class . '.',
                ExitCode::Bootstrap,
            );
        }
        $path = realpath($file);
        if ($path === false || !is_file($path)) {
            throw new Failure(
                "The bootstrap file $file does not exist" . (str_starts_with($file, '/') ? '' : ' in ' . getcwd())
                    . '; check --bootstrap.',
                ExitCode::Bootstrap,
            );
        }
        if (!is_readable($path)) {
            throw new Failure(
                "The bootstrap file $file must not be read by this user; check its mode.",
                ExitCode::Bootstrap,
            );
        }

        return $path;
    }

    /** @throws Failure */
    public static function registry(?string $file): Registry
    {
        $registry = self::load(self::check($file));
        if (!$registry instanceof Registry) {
            throw new Failure(sprintf(
                'The bootstrap file %s returns %s: let it end with `return $registry;`, a %s.',
                $file,
                $registry === 1 ? 'nothing' : get_debug_type($registry),
                Registry::class,
            ), ExitCode::Bootstrap);
        }
        if (!$registry->queues()) {
            throw new Failure("The registry that $file returns has no loader: call its add().", ExitCode::Bootstrap);
        }

        return $registry;
    }

    /** Without a registry: the application's autoloader, for values that are objects. */
    public static function load(string $path): mixed
    {
        try {
            return (static fn (): mixed => require $path)();
        } catch (\ParseError $error) {
            throw new Failure(sprintf(
                'The bootstrap file %s cannot be parsed: %s in %s, line %d.',
                $path,
                $error->getMessage(),
                $error->getFile(),
                $error->getLine(),
            ), ExitCode::Bootstrap);
        } catch (\Throwable $error) {
            throw new Failure(sprintf(
                'The bootstrap file %s failed: %s: %s (%s, line %d).',
                $path,
                $error::class,
                rtrim($error->getMessage(), '.'),
                $error->getFile(),
                $error->getLine(),
            ), ExitCode::Bootstrap);
        }
    }
}
