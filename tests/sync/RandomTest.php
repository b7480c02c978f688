<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Tests\Storage;

use SharedCache\Storage\BatchNotFoundException;
use SharedCache\Storage\CachedStorage;
use SharedCache\Storage\CollectionNotFoundException;
use SharedCache\Storage\ConflictException;
use SharedCache\Storage\ItemNotFoundException;
use SharedCache\Storage\ItemUpdate;
use SharedCache\Storage\Keys;
use SharedCache\Storage\Metadata;

/**
 * Processes that do anything at random, on a few collections of one user. At the end the cache shows what the database has; and nobody
 * who held a lock for reading saw something change, or half of a write.
 */
final class RandomTest extends TestCase
{
    private const PROCESSES = 4;
    private const OPERATIONS = 60;

    /** @dataProvider setups */
    public function test_random_operations_end_with_the_cache_equal_to_the_database(Setup $setup): void
    {
        $seed = random_int(0, 1 << 30);
        $setup->open()->setItems($this->user, $setup->collection(), []);
        $setup->open()->getTotalSize($this->user);
        $results = $this->inParallel(self::PROCESSES, fn (int $i): array => $this->work($setup, $seed + $i, $i));
        foreach ($results as $result) {
            self::assertIsArray($result, "seed $seed: " . (\is_string($result) ? $result : ''));
        }
        self::assertGreaterThan(0, array_sum(array_column($results, 'written')));
        $this->assertAllIsRight($setup, "seed $seed");
        if ($setup->kind === Setup::CACHE_ONLY) {
            $own = array_filter(self::payloads($setup->open(), $this->user, 'tabs'), static fn (string $id): bool => $id[0] === 'p', ARRAY_FILTER_USE_KEY);
            self::assertEquals(array_merge(...array_column($results, 'model')), $own, "seed $seed");
        }
    }

    /** @dataProvider setups */
    public function test_random_operations_of_processes_that_are_killed(Setup $setup): void
    {
        $seed = random_int(0, 1 << 30);
        mt_srand($seed);
        $setup->open()->setItems($this->user, $setup->collection(), []);
        for ($round = 0; $round < 6; $round++) {
            $connections = $setup->connections();
            $workers = [];
            for ($i = 0; $i < 2; $i++) {
                $workers[] = $this->fork(function (callable $say) use ($setup, $seed, $round, $i): array {
                    $say('begins');

                    return $this->work($setup, $seed + 10 * $round + $i, $i);
                });
            }
            foreach ($workers as $worker) {
                self::assertSame('begins', $this->hear($worker));
            }
            // At any place: that is what is to be tried.
            usleep(mt_rand(0, 20_000));
            array_map($this->kill(...), $workers);
            $setup->awaitConnections($connections);
            $this->assertAllIsRight($setup, "seed $seed, round $round, after the kill", false);
        }
        $storage = $setup->open();
        foreach ($this->collections($setup) as $collection) {
            $storage->setItems($this->user, $collection, self::updates(last: 'write'));
        }
        $this->assertAllIsRight($setup, "seed $seed");
    }

    /** @return array{written: int, model: array<string, string>} */
    private function work(Setup $setup, int $seed, int $number): array
    {
        mt_srand($seed);
        $storage = $setup->open(wait: 10);
        $collections = $this->collections($setup);
        $written = 0;
        $model = [];
        for ($i = 0; $i < self::OPERATIONS; $i++) {
            $collection = $collections[mt_rand(0, \count($collections) - 1)];
            $payload = str_repeat(\chr(mt_rand(97, 122)), mt_rand(0, 50));
            $id = "p$number-" . mt_rand(0, 3);
            try {
                switch (mt_rand(0, $setup->kind === Setup::CACHE_ONLY ? 11 : 14)) {
                    case 0:
                    case 1:
                    case 2:
                    case 3:
                        $storage->setItems($this->user, $collection, [new ItemUpdate($id, $payload), new ItemUpdate('same 1', $payload), new ItemUpdate('same 2', $payload)]);
                        $written++;
                        $collection === 'tabs' && $model[$id] = $payload;
                        break;
                    case 4:
                        $storage->deleteItems($this->user, $collection, [$id]);
                        $written++;
                        if ($collection === 'tabs') {
                            unset($model[$id]);
                        }
                        break;
                    case 5:
                        $batch = $storage->createBatch($this->user, $collection, [new ItemUpdate($id, $payload)]);
                        $storage->applyBatch($this->user, $collection, $batch);
                        $written++;
                        $collection === 'tabs' && $model[$id] = $payload;
                        break;
                    case 6:
                        $lock = $storage->lockForWrite($this->user, $collection);
                        $storage->setItems($this->user, $collection, [new ItemUpdate($id, $payload)]);
                        $collection === 'tabs' && $model[$id] = $payload;
                        $storage->setItems($this->user, $collection, [new ItemUpdate($id, sortIndex: $i)]);
                        self::check($storage->getItem($this->user, $collection, $id)->payload === $payload, 'a writer sees what it wrote');
                        $lock->release();
                        $written++;
                        break;
                    case 7:
                    case 8:
                        $this->readUnderLock($storage, $collection);
                        break;
                    case 9:
                        $storage->getCollectionTimestamps($this->user);
                        $storage->getItems($this->user, $collection);
                        break;
                    case 10:
                        $storage->getTotalSize($this->user);
                        break;
                    case 11:
                        self::pool()->delete(mt_rand(0, 1) || $setup->kind === Setup::CACHE_ONLY ? Keys::metadata($this->user) : Keys::collection($this->user, $collection));
                        break;
                    case 12:
                        $storage->deleteCollection($this->user, $collection);
                        $written++;
                        break;
                    case 13:
                        mt_rand(0, 3) || $storage->deleteStorage($this->user);
                        break;
                    case 14:
                        mt_rand(0, 3) || cache_clear();
                        break;
                }
            } catch (BatchNotFoundException | CollectionNotFoundException | ItemNotFoundException | ConflictException) {
                // The others do anything, too.
            }
        }

        return ['written' => $written, 'model' => $model];
    }

    private function readUnderLock(CachedStorage $storage, string $collection): void
    {
        $lock = $storage->lockForRead($this->user, $collection);
        try {
            $stamp = $storage->getCollectionTimestamp($this->user, $collection);
            $items = $storage->getItems($this->user, $collection)->items;
            $latest = 0;
            $same = [];
            foreach ($items as $item) {
                $latest = max($latest, $item->modified);
                if (str_starts_with($item->id, 'same')) {
                    $same[] = [$item->payload, $item->modified];
                }
            }
            self::check($latest <= $stamp, "items are not newer than their collection: $latest, $stamp");
            self::check(\count(array_unique($same, SORT_REGULAR)) <= 1, 'no half of a write is seen: ' . json_encode($same));
            self::check($storage->getCollectionTimestamp($this->user, $collection) === $stamp, 'nothing changes under a lock for reading');
            self::check(($storage->getCollectionTimestamps($this->user)[$collection] ?? 0) === $stamp, 'all timestamps agree');
            self::check($storage->getItems($this->user, $collection)->items == $items, 'nor do items');
        } finally {
            $lock->release();
        }
    }

    private function assertAllIsRight(Setup $setup, string $message, bool $clean = true): void
    {
        $collections = $this->collections($setup);
        $this->assertCacheIsDatabase($setup, $collections, $message);
        if (!$clean || $setup->kind === Setup::CACHE_ONLY) {
            return;
        }
        $source = $setup->source();
        $metadata = $this->metadata() ?? Metadata::fromStates($source->getStates($this->user));
        self::assertTrue($metadata->isClean(), "no mark is left, $message");
        self::assertSame($source->getTotalSize($this->user), $metadata->size, "size, $message");
        self::assertSame($source->getTotalSize($this->user, true), $metadata->size, "size, added up, $message");
        self::assertEquals($source->getStates($this->user), $metadata->states(), "states, $message");
        self::assertEquals($source->getTimestamp($this->user), $setup->open()->getTimestamp($this->user));
    }

    /** @return list<string> */
    private function collections(Setup $setup): array
    {
        return match ($setup->kind) {
            Setup::UNCACHED => ['history', 'bookmarks'],
            Setup::WRITE_THROUGH => ['meta', 'crypto'],
            Setup::CACHE_ONLY => ['tabs'],
        };
    }

    /** In a child, where no assertion of PHPUnit's is counted. */
    private static function check(bool $holds, string $message): void
    {
        if (!$holds) {
            throw new \LogicException($message);
        }
    }
}
