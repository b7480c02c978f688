<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Bridge\Laravel;

use Illuminate\Contracts\Cache\CanFlushLocks;
use Illuminate\Support\ServiceProvider;
use SharedCache\Pool;

/** The driver "shared" for stores of config/cache.php: with `prefix`, if it is to have another one than `cache.prefix`. */
final class SharedCacheServiceProvider extends ServiceProvider
{
    public function register(): void
    {
        $this->callAfterResolving('cache', static function (object $manager): void {
            // Not static: the manager binds it to itself.
            $manager->extend('shared', function (object $app, array $config) use ($manager): object {
                $prefix = (string) ($config['prefix'] ?? $app['config']['cache.prefix'] ?? '');
                $class = \interface_exists(CanFlushLocks::class) ? FlushableStore::class : SharedStore::class;

                return $manager->repository(new $class(new Pool($prefix === '' ? 'laravel' : $prefix)), $config);
            });
        });
    }
}
