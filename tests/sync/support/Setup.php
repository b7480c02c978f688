<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Tests\Storage;

use SharedCache\Storage\CachedStorage;
use SharedCache\Storage\PdoStorage;
use SharedCache\Storage\Storage;

/** One of the twelve ways to keep a collection: how it is cached, in which database, and where it is locked. */
final class Setup
{
    public const UNCACHED = 'uncached';
    public const WRITE_THROUGH = 'write-through';
    public const CACHE_ONLY = 'cache-only';

    /** The collections of each kind that the tests use. */
    public const COLLECTIONS = [
        self::UNCACHED => 'history',
        self::WRITE_THROUGH => 'meta',
        self::CACHE_ONLY => 'tabs',
    ];

    public function __construct(public readonly string $kind, public readonly string $database, public readonly bool $cacheLock)
    {
    }

    /** @return array<string, array{self}> for data providers */
    public static function all(string ...$kinds): array
    {
        $all = [];
        foreach ($kinds ?: array_keys(self::COLLECTIONS) as $kind) {
            foreach (['sqlite', 'mariadb'] as $database) {
                foreach ([true, false] as $cacheLock) {
                    $lock = $cacheLock ? 'cache lock' : 'database lock';
                    $all["$kind, $database, $lock"] = [new self($kind, $database, $cacheLock)];
                }
            }
        }

        return $all;
    }

    public function collection(): string
    {
        return self::COLLECTIONS[$this->kind];
    }

    /** Are the collection's locks those of the cache? */
    public function locksInCache(): bool
    {
        return $this->cacheLock || $this->kind === self::CACHE_ONLY;
    }

    /**
     * A storage with a connection of its own.
     *
     * @param (callable(Storage): Storage)|null $between what comes between the cache and the database
     */
    public function open(?callable $clock = null, ?callable $between = null, float $lockTtl = 300, float $wait = 10): CachedStorage
    {
        $source = $this->source($clock, $wait);

        return new CachedStorage(
            $between ? $between($source) : $source,
            'sync',
            ['meta', 'crypto'],
            ['tabs', 'clients'],
            $this->cacheLock,
            $lockTtl,
            $wait,
            $clock,
        );
    }

    public function source(?callable $clock = null, float $wait = 10): PdoStorage
    {
        return new PdoStorage($this->connect(), $wait, $clock);
    }

    public function connect(): \PDO
    {
        return new \PDO($this->dsn());
    }

    /** How many the server has with the database; SQLite has none. */
    public function connections(): int
    {
        return $this->database !== 'mariadb' ? 0
            : (int) $this->connect()->query("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = 'sync' AND ID <> CONNECTION_ID()")->fetchColumn();
    }

    /** The server goes on with what a process had sent that was killed since, a commit perhaps, until it notices. */
    public function awaitConnections(int $most): void
    {
        for ($end = hrtime(true) + 30_000_000_000; $this->connections() > $most; usleep(1000)) {
            if (hrtime(true) > $end) {
                throw new \RuntimeException('the server does not notice that its clients are gone');
            }
        }
    }

    public function dsn(): string
    {
        return $this->database === 'sqlite'
            ? 'sqlite:' . getenv('CACHE_TEST_SQLITE')
            : 'mysql:unix_socket=' . getenv('CACHE_TEST_MARIADB') . ';dbname=sync';
    }

    /**
     * What a script prints in a PHP of its own, with CACHE_TEST_DSN, CACHE_TEST_LOCK and CACHE_TEST_COLLECTION ("user/collection").
     *
     * @param array<string, string> $settings php.ini
     */
    public function inAnotherPhp(string $user, string $code, array $settings = []): string
    {
        $code = 'require ' . var_export(dirname(__DIR__, 3) . '/php_src/autoload.php', true) . "; $code";

        return $this->runAnotherPhp(['-r', $code], $settings, [
            'CACHE_TEST_DSN' => $this->dsn(),
            'CACHE_TEST_LOCK' => (string) (int) $this->cacheLock,
            'CACHE_TEST_COLLECTION' => "$user/" . $this->collection(),
        ]);
    }

    /**
     * @param list<string> $arguments
     * @param array<string, string> $settings php.ini
     * @param array<string, string> $environment
     */
    public function runAnotherPhp(array $arguments, array $settings = [], array $environment = [], ?int &$status = null): string
    {
        $settings += ['cache.segment' => getenv('CACHE_TEST_SEGMENT'), 'cache.enable_cli' => '1', 'display_errors' => '1'];
        $command = [getenv('CACHE_TEST_PHP'), '-n'];
        foreach (['posix.so', 'pdo.so', 'pdo_sqlite.so', 'mysqlnd.so', 'pdo_mysql.so', getenv('CACHE_TEST_EXTENSION')] as $extension) {
            array_push($command, '-d', "extension=$extension");
        }
        foreach ($settings as $name => $value) {
            array_push($command, '-d', "$name=$value");
        }
        $process = proc_open([...$command, ...$arguments], [1 => ['pipe', 'w'], 2 => ['redirect', 1]], $pipes, null, $environment + getenv());
        $output = stream_get_contents($pipes[1]);
        $status = proc_close($process);

        return $output;
    }

    /** The two databases, with tables. */
    public static function createDatabases(): void
    {
        (new \PDO('mysql:unix_socket=' . getenv('CACHE_TEST_MARIADB')))->exec('CREATE DATABASE IF NOT EXISTS sync');
        foreach (['sqlite', 'mariadb'] as $database) {
            (new self(self::UNCACHED, $database, true))->source()->createTables();
        }
    }
}
