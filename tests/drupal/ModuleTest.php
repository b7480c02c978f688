<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache;

use Drupal\Core\Cache\CacheFactoryInterface;
use Drupal\Core\Site\Settings;
use Drupal\shared_cache\Cache\ChainedSharedBackend;
use Drupal\shared_cache\Cache\ChainedSharedBackendFactory;
use Drupal\shared_cache\Cache\DatabaseRowVersions;
use Drupal\shared_cache\Cache\SharedBackend;
use Drupal\shared_cache\Cache\SharedBackendFactory;
use Psr\Container\ContainerInterface;

/** The files of the module, and its factories. */
final class ModuleTest extends TestCase
{
    private const FOLDER = __DIR__ . '/../../php_src/bridges/drupal/shared_cache';

    protected function tearDown(): void
    {
        new Settings([]);
        parent::tearDown();
    }

    public function testTheServicesHaveClassesThatTakeTheirArguments(): void
    {
        preg_match_all(
            '/^  (cache\.backend\.\w+):\n    class: (\S+)\n    arguments: \[(.*)\]$/m',
            file_get_contents(self::FOLDER . '/shared_cache.services.yml'),
            $services,
            PREG_SET_ORDER,
        );
        self::assertSame(
            ['cache.backend.shared', 'cache.backend.shared_fills', 'cache.backend.chainedshared'],
            array_column($services, 1),
        );
        foreach ($services as [, , $class, $arguments]) {
            self::assertTrue(is_subclass_of($class, CacheFactoryInterface::class));
            $constructor = (new \ReflectionClass($class))->getConstructor();
            $count = count(explode(', ', $arguments));
            self::assertGreaterThanOrEqual($constructor->getNumberOfRequiredParameters(), $count);
            self::assertLessThanOrEqual($constructor->getNumberOfParameters(), $count);
        }
    }

    public function testEveryFileNamesItsLicense(): void
    {
        foreach (glob(self::FOLDER . '/src/Cache/*.php') as $file) {
            self::assertStringContainsString('SPDX-License-Identifier: GPL-2.0-or-later', file_get_contents($file));
        }
        self::assertStringContainsString('GPL-2.0-or-later', file_get_contents(self::FOLDER . '/LICENSE'));
    }

    public function testTheFactoryTellsSitesAndDeploymentsApart(): void
    {
        $bin = function (string $site, string $deployment): SharedBackend {
            new Settings(['deployment_identifier' => $deployment, 'hash_salt' => 'salt']);

            return (new SharedBackendFactory('/root', $site, $this->tags, $this->time))->get('render');
        };
        $bin('sites/a', '1')->set('x', 1);
        self::assertSame(1, $bin('sites/a', '1')->get('x')->data);
        self::assertFalse($bin('sites/b', '1')->get('x'));
        self::assertFalse($bin('sites/a', '2')->get('x'));
    }

    public function testTheFactoryOfChainsTakesTheSitesBackends(): void
    {
        $settings = new Settings(['cache' => ['default' => 'consistent'], 'shared_cache' => ['grace' => 5]]);
        $consistent = $this->sqlite();
        $factories = [];
        foreach (['consistent' => $consistent, 'cache.backend.shared' => $this->shared()] as $name => $backend) {
            $factories[$name] = $this->createMock(CacheFactoryInterface::class);
            $factories[$name]->method('get')->with('render')->willReturn($backend);
        }
        $container = $this->createMock(ContainerInterface::class);
        $container->method('get')->willReturnCallback(static fn (string $name): object => $factories[$name]);

        $factory = new ChainedSharedBackendFactory($settings, connection: (new Transactions($this->file))->connection);
        $factory->setContainer($container);
        $chain = $factory->get('render');
        self::assertInstanceOf(ChainedSharedBackend::class, $chain);
        $chain->delete('a');
        self::assertGreaterThan(microtime(true) + 4, $consistent->get('last_write_timestamp_cache_render')->data, 'the grace period');

        $settings = new Settings(['cache' => ['default' => 'consistent'], 'shared_cache' => ['one_machine' => true]]);
        $factory = new ChainedSharedBackendFactory($settings);
        $factory->setContainer($container);
        $consistent->forgetCounts();
        $factory->get('render')->delete('a');
        self::assertSame(0, $consistent->counts['marked']);

        $same = new ChainedSharedBackendFactory($settings, 'consistent', 'consistent');
        $same->setContainer($container);
        self::assertSame($consistent, $same->get('render'));
    }

    public function testWhereNothingIsSaidThereIsNoGracePeriod(): void
    {
        $sqlite = $this->sqlite();
        $container = $this->createMock(ContainerInterface::class);
        $factory = $this->createMock(CacheFactoryInterface::class);
        $factory->method('get')->willReturnOnConsecutiveCalls($sqlite, $this->shared());
        $container->method('get')->willReturn($factory);
        $chains = new ChainedSharedBackendFactory(new Settings([]), 'consistent');
        $chains->setContainer($container);
        $before = microtime(true);
        $chains->get('render')->delete('a');
        $mark = $sqlite->get('last_write_timestamp_cache_render')->data;
        self::assertGreaterThan($before, $mark);
        self::assertLessThanOrEqual(microtime(true) + 1e-6, $mark);
    }

    public function testVersionsOfDatabaseRows(): void
    {
        $connection = (new Transactions($this->file))->connection;
        $versions = new DatabaseRowVersions($connection, 'render');
        self::assertSame([], $versions->rows(['a']), 'no table yet');
        $bin = $this->sqlite();
        $bin->set('a', 1);
        $bin->set('ä', 1);
        $bin->set('b ', 1);
        $bin->set('7', 1, 12345);
        $bin->set(str_repeat('l', 256), 1);
        $rows = $versions->rows(['a', 'ä', 'b ', 7, str_repeat('l', 256), 'missing']);
        self::assertSame(['7', 'a'], array_map(strval(...), array_keys($rows)), 'those that the backend keeps as they are');
        $item = $bin->get('7', true);
        self::assertSame(['cid', 'created', 'expire', 'checksum'], array_keys(get_object_vars($rows[7])), 'and not the data');
        foreach (['created', 'expire', 'checksum'] as $column) {
            self::assertSame((string) $item->$column, (string) $rows[7]->$column);
        }
        self::assertSame([], $versions->rows(['ä']));
    }
}
