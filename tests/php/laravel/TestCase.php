<?php

declare(strict_types=1);

namespace SharedCache\Tests\Laravel;

use Illuminate\Contracts\Cache\Repository;
use Illuminate\Contracts\Debug\ExceptionHandler;
use Illuminate\Foundation\Application;
use Illuminate\Foundation\Bootstrap;

/** An application of Laravel's for each test, in a folder of its own, whose default store is the bridge's. */
abstract class TestCase extends \SharedCache\Tests\TestCase
{
    protected Application $app;
    private string $folder;

    protected function setUp(): void
    {
        parent::setUp();
        $this->folder = sys_get_temp_dir() . '/cache-laravel-' . getmypid() . '-' . bin2hex(random_bytes(4));
        foreach (['bootstrap/cache', 'config', 'vendor/composer', 'storage/framework/cache/data'] as $folder) {
            mkdir("$this->folder/$folder", 0700, true);
        }
        foreach ($this->configuration() as $name => $values) {
            file_put_contents("$this->folder/config/$name.php", '<?php return ' . var_export($values, true) . ';');
        }
        // What composer writes when the library is required: Laravel finds the provider by it.
        $package = json_decode(file_get_contents(__DIR__ . '/../../../php_src/composer.json'), true, flags: JSON_THROW_ON_ERROR);
        file_put_contents("$this->folder/vendor/composer/installed.json", json_encode(['packages' => [$package]]));
        file_put_contents("$this->folder/composer.json", '{}');

        $this->app = new Application($this->folder);
        $this->app->singleton(\Illuminate\Contracts\Console\Kernel::class, \Illuminate\Foundation\Console\Kernel::class);
        $this->app->singleton(ExceptionHandler::class, \Illuminate\Foundation\Exceptions\Handler::class);
        $this->app->bootstrapWith([
            Bootstrap\LoadConfiguration::class,
            Bootstrap\RegisterFacades::class,
            Bootstrap\SetRequestForConsole::class,
            Bootstrap\RegisterProviders::class,
            Bootstrap\BootProviders::class,
        ]);
    }

    protected function tearDown(): void
    {
        $this->app->flush();
        \Illuminate\Support\Facades\Facade::clearResolvedInstances();
        (new \Illuminate\Filesystem\Filesystem())->deleteDirectory($this->folder);
        parent::tearDown();
    }

    /** @return array<string, array<string, mixed>> by file of config/ */
    protected function configuration(): array
    {
        return [
            'app' => [
                'name' => 'Test',
                'env' => 'testing',
                'key' => 'base64:' . base64_encode(str_repeat('k', 32)),
                'cipher' => 'AES-256-CBC',
                'timezone' => 'UTC',
                'locale' => 'en',
                'maintenance' => ['driver' => 'file'],
                'aliases' => [],
                'providers' => [
                    \Illuminate\Bus\BusServiceProvider::class,
                    \Illuminate\Cache\CacheServiceProvider::class,
                    \Illuminate\Encryption\EncryptionServiceProvider::class,
                    \Illuminate\Filesystem\FilesystemServiceProvider::class,
                    \Illuminate\Queue\QueueServiceProvider::class,
                    \Illuminate\Session\SessionServiceProvider::class,
                    \Illuminate\Foundation\Providers\ArtisanServiceProvider::class,
                    \Illuminate\Foundation\Providers\FoundationServiceProvider::class,
                ],
            ],
            'cache' => [
                'default' => 'shared',
                'prefix' => 'of_the_app',
                'limiter' => 'shared',
                'stores' => [
                    'shared' => ['driver' => 'shared'],
                    'other' => ['driver' => 'shared', 'prefix' => 'other'],
                ],
            ],
            'queue' => ['default' => 'sync', 'connections' => ['sync' => ['driver' => 'sync']], 'failed' => ['driver' => 'null']],
        ];
    }

    protected function cache(?string $store = null): Repository
    {
        return $this->app['cache']->store($store);
    }

    /** Newer versions have more: what this one lacks is skipped, with its name. */
    protected function needs(string $class, string $method = ''): void
    {
        if ($method === '' ? !class_exists($class) : !method_exists($class, $method)) {
            self::markTestSkipped('Laravel ' . Application::VERSION . " has no $class" . ($method === '' ? '' : "::$method()"));
        }
    }
}
