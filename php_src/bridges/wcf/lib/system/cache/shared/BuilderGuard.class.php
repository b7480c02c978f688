<?php

/*
 * Part of the bridge from WoltLab Suite Core to the PHP extension "cache".
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
declare(strict_types=1);

namespace wcf\system\cache\shared;

use SharedCache\Rebuild\Context;
use SharedCache\Rebuild\Guard;
use SharedCache\Rebuild\ImpureLoaderException;

/**
 * Sees to it that builders are pure: while one runs, whoever reads a cache gets an exception in debug mode (ENABLE_DEBUG_MODE), and
 * is counted else. What is made of cached values is as old as the oldest of them, and nobody knows.
 *
 * It sees reads of eager and tolerant caches of this bridge, also of those that the request has in memory, and reads of any
 * cache by SharedCacheSource. It does not see what a legacy builder has in memory already, nor WCF's runtime caches.
 */
final class BuilderGuard
{
    /** @throws ImpureBuilderException a builder is running, in debug mode */
    public static function read(string $name): void
    {
        try {
            Guard::read($name);
        } catch (ImpureLoaderException $exception) {
            throw new ImpureBuilderException(
                \sprintf(
                    'The builder of %s reads the cache %s: it must read the source instead, or its value is older than it looks',
                    Guard::building() ?? 'a cache',
                    $name,
                ),
                0,
                $exception,
            );
        }
    }

    /**
     * Runs a builder under the guard, which is lifted afterwards in any case.
     *
     * @template T
     * @param \Closure(): T $build
     * @return T
     */
    public static function run(string $name, \Closure $build): mixed
    {
        return Guard::watch(
            static fn (): mixed => $build(),
            new Context('', $name),
            SharedPool::settings()->strict,
        );
    }

    /** How often builders of this process have read a cache. */
    public static function reads(): int
    {
        return Guard::reads();
    }
}
