<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache\core;

use Drupal\Component\Datetime\Time;
use Drupal\Core\Cache\DatabaseBackendFactory;
use Drupal\Core\Cache\DatabaseCacheTagsChecksum;
use Drupal\Core\Site\Settings;
use Drupal\shared_cache\Cache\ChainedSharedBackend;
use Drupal\shared_cache\Cache\SharedBackend;
use Drupal\shared_cache\Cache\SharedTagsChecksum;
use Drupal\Tests\shared_cache as support;
use PHPUnit\Framework\TestCase;
use Symfony\Component\Config\FileLocator;
use Symfony\Component\DependencyInjection\ContainerBuilder;
use Symfony\Component\DependencyInjection\Loader\YamlFileLoader;
use Symfony\Component\DependencyInjection\Reference;

/** The services files that docs/drupal.md has, in a container of Symfony's, of which Drupal's is made. */
final class ServicesOnCore extends TestCase
{
    /** The blocks of the page that begin with "services:". */
    private static function files(): array
    {
        $page = file_get_contents(dirname(__DIR__, 3) . '/docs/drupal.md');
        preg_match_all('/^```\n(services:\n.*?)^```/ms', $page, $blocks);

        return $blocks[1];
    }

    private function container(string $file): ContainerBuilder
    {
        $container = new ContainerBuilder();
        $container->setParameter('app.root', '/root');
        $container->setParameter('site.path', 'sites/default');
        $services = [
            'settings' => new Settings(['hash_salt' => 'salt']),
            'database' => support\connectToSqlite(':memory:'),
            'datetime.time' => new Time(),
            'serialization.phpserialize' => new \Drupal\Component\Serialization\PhpSerialize(),
        ];
        foreach ($services as $id => $service) {
            $container->register($id)->setSynthetic(true)->setPublic(true);
            $container->set($id, $service);
        }
        $reference = static fn (string $id): Reference => new Reference($id);
        $container->register('cache_tags.invalidator.checksum', DatabaseCacheTagsChecksum::class)->addArgument($reference('database'))->setPublic(true);
        $arguments = ['database', 'cache_tags.invalidator.checksum', 'settings', 'serialization.phpserialize', 'datetime.time'];
        $container->register('cache.backend.database', DatabaseBackendFactory::class)->setPublic(true)
            ->setArguments(array_map($reference, $arguments));
        $loader = new YamlFileLoader($container, new FileLocator());
        $loader->load(dirname(__DIR__, 3) . '/php_src/bridges/drupal/shared_cache/shared_cache.services.yml');
        file_put_contents($name = getenv('CACHE_TEST_WORK') . '/site.services.yml', $file);
        $loader->load($name);

        return $container;
    }

    public function testTheServicesMakeBins(): void
    {
        self::assertCount(3, self::files());
        [$chain, $fills, $tags] = array_map($this->container(...), self::files());
        foreach ([
            [$chain, 'cache.backend.chainedfast', ChainedSharedBackend::class],
            [$chain, 'cache.backend.shared', SharedBackend::class],
            [$fills, 'cache.backend.apcu', SharedBackend::class],
            [$tags, 'cache.backend.chainedshared', ChainedSharedBackend::class],
        ] as [$container, $id, $class]) {
            $bin = $container->get($id)->get('render');
            self::assertInstanceOf($class, $bin);
            $bin->set('a', ['data'], -1, ['t']);
            self::assertSame(['data'], $container->get($id)->get('render')->get('a')->data);
            $container->get('cache_tags.invalidator.checksum')->invalidateTags(['t']);
            self::assertFalse($container->get($id)->get('render')->get('a'));
        }
        self::assertInstanceOf(SharedTagsChecksum::class, $tags->get('cache_tags.invalidator.checksum'));
    }
}
