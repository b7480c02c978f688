<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Tests\Storage;

use SharedCache\Pool;
use SharedCache\Storage\Item;
use SharedCache\Storage\ItemUpdate;
use SharedCache\Storage\Keys;
use SharedCache\Storage\Metadata;
use SharedCache\Storage\Query;
use SharedCache\Storage\Storage;

/** An empty cache, a user of each test's own, and a clock that it turns. */
abstract class TestCase extends \SharedCache\Tests\TestCase
{
    private static bool $isReady = false;
    private static int $users = 0;

    protected string $user;
    /** Microseconds since the epoch; null: the machine's. */
    protected ?int $now = null;

    protected function setUp(): void
    {
        parent::setUp();
        if (!self::$isReady) {
            Setup::createDatabases();
            self::$isReady = true;
        }
        $this->user = 'user' . ++self::$users;
    }

    /** @return \Closure(): int */
    protected function clock(): \Closure
    {
        return fn (): int => $this->now ?? Pool::now();
    }

    /** @return array<string, array{Setup}> */
    public static function setups(): array
    {
        return Setup::all();
    }

    /** @return array<string, array{Setup}> those whose items are in the database */
    public static function setupsOfTheDatabase(): array
    {
        return Setup::all(Setup::UNCACHED, Setup::WRITE_THROUGH);
    }

    /** @return list<ItemUpdate> */
    protected static function updates(string ...$payloads): array
    {
        $updates = [];
        foreach ($payloads as $id => $payload) {
            $updates[] = new ItemUpdate((string) $id, $payload);
        }

        return $updates;
    }

    /** @return array<array-key, string> payloads by id */
    protected static function payloads(Storage $storage, string $user, string $collection, Query $query = new Query()): array
    {
        $payloads = [];
        foreach ($storage->getItems($user, $collection, $query)->items as $item) {
            $payloads[$item->id] = $item->payload;
        }

        return $payloads;
    }

    protected static function pool(): Pool
    {
        return new Pool('sync');
    }

    protected function metadata(): ?Metadata
    {
        $value = self::pool()->get(Keys::metadata($this->user));

        return $value === null ? null : Metadata::fromArray($value);
    }

    /** @return list<string> names of the cache's locks that this process holds */
    protected static function heldLocks(): array
    {
        return array_keys(array_filter(cache_lock_info(), static fn (array $lock): bool => $lock['held_by_me'] !== null));
    }

    protected function isDirty(string $collection): bool
    {
        return $this->metadata()?->slot($collection)?->isClean() === false;
    }

    /** Within 10 seconds; for what another program does in its own time. */
    protected static function eventually(callable $isTrue, string $message): void
    {
        $end = hrtime(true) + 10_000_000_000;
        while (!$isTrue()) {
            self::assertLessThan($end, hrtime(true), $message);
            usleep(1000);
        }
    }

    /** @param class-string<\Throwable> $class */
    protected static function assertThrows(string $class, callable $call): \Throwable
    {
        try {
            $call();
        } catch (\Throwable $error) {
            self::assertInstanceOf($class, $error, (string) $error);

            return $error;
        }
        self::fail("$class is thrown");
    }

    /** What the cache shows is what is in the database. */
    protected function assertCacheIsDatabase(Setup $setup, array $collections, string $message = ''): void
    {
        $cached = $setup->open($this->clock());
        $source = $setup->source($this->clock());
        $stored = array_diff($collections, ['tabs', 'clients']);
        self::assertEquals(
            $source->getCollectionTimestamps($this->user),
            array_intersect_key($cached->getCollectionTimestamps($this->user), array_flip($stored)),
            "timestamps $message",
        );
        foreach ($stored as $collection) {
            self::assertEquals(
                self::itemsOf($source, $this->user, $collection),
                self::itemsOf($cached, $this->user, $collection),
                "$collection $message",
            );
        }
    }

    /** @return list<Item>|null null: there is no such collection */
    protected static function itemsOf(Storage $storage, string $user, string $collection): ?array
    {
        try {
            return $storage->getItems($user, $collection)->items;
        } catch (\SharedCache\Storage\CollectionNotFoundException) {
            return null;
        }
    }
}
