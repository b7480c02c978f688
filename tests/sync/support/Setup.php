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
        if ($this->database === 'mariadb') {
            return new \PDO('mysql:unix_socket=' . getenv('CACHE_TEST_MARIADB') . ';dbname=sync');
        }

        return new \PDO('sqlite:' . getenv('CACHE_TEST_SQLITE'));
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
