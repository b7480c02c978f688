<?php

declare(strict_types=1);

namespace Drupal\KernelTests;

use Drupal\Component\Datetime\Time;
use Drupal\Component\Datetime\TimeInterface;
use Drupal\Component\Serialization\PhpSerialize;
use Drupal\Core\Cache\CacheTagsInvalidator;
use Drupal\Core\Cache\DatabaseCacheTagsChecksum;
use Drupal\Core\Database\Connection;
use Drupal\Core\Site\Settings;
use Drupal\Tests\shared_cache as support;
use PHPUnit\Framework\TestCase;
use Symfony\Component\DependencyInjection\Container;

/** Stands in for the base of core's tests with a whole site: what tests of cache backends need of one. */
abstract class KernelTestBase extends TestCase
{
    protected $databasePrefix;
    protected Connection $connection;

    protected function setUp(): void
    {
        new Settings(['hash_salt' => 'salt']);
        $this->databasePrefix = 'test' . bin2hex(random_bytes(4));
        $this->connection = support\connectToSqlite(':memory:');
        $time = new Time();
        $checksum = new DatabaseCacheTagsChecksum($this->connection);
        $invalidator = new CacheTagsInvalidator();
        $invalidator->addInvalidator($checksum);
        $container = new Container();
        $container->set('database', $this->connection);
        $container->set(TimeInterface::class, $time);
        $container->set('datetime.time', $time);
        $container->set('cache_tags.invalidator.checksum', $checksum);
        $container->set('cache_tags.invalidator', $invalidator);
        $container->set('serialization.phpserialize', new PhpSerialize());
        \Drupal::setContainer($container);
    }

    protected function tearDown(): void
    {
        \Drupal::unsetContainer();
    }

    protected function randomMachineName(int $length = 8): string
    {
        return substr('m' . bin2hex(random_bytes($length)), 0, $length);
    }

    /** Of later versions of PHPUnit. */
    protected function expectUserDeprecationMessage(string $message): void
    {
    }
}
