<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Tests\Storage;

use SharedCache\Storage\CachedStorage;
use SharedCache\Storage\Storage;
use SharedCache\Storage\StorageException;

/** Writers that are killed: after the dirty mark, before the database's commit, and after it. */
final class CrashTest extends TestCase
{
    private const BEFORE = ['a' => 'old', 'b' => 'old'];

    /** That updates b. */
    private static string $batch;

    /** @return array<string, array{callable(CachedStorage, string, string): mixed, array<string, string>|null}> write, and what it leaves */
    private static function writes(): array
    {
        return [
            'setItems' => [
                static fn (CachedStorage $s, string $u, string $c) => $s->setItems($u, $c, self::updates(a: 'new', c: 'new')),
                ['a' => 'new', 'b' => 'old', 'c' => 'new'],
            ],
            'deleteItems' => [static fn (CachedStorage $s, string $u, string $c) => $s->deleteItems($u, $c, ['a']), ['b' => 'old']],
            'applyBatch' => [
                static fn (CachedStorage $s, string $u, string $c) => $s->applyBatch($u, $c, self::$batch),
                ['a' => 'old', 'b' => 'new'],
            ],
            'deleteCollection' => [static fn (CachedStorage $s, string $u, string $c) => $s->deleteCollection($u, $c), null],
            'deleteStorage' => [static fn (CachedStorage $s, string $u, string $c) => $s->deleteStorage($u), null],
            'several in one section' => [
                static function (CachedStorage $s, string $u, string $c): void {
                    $lock = $s->lockForWrite($u, $c);
                    $s->setItems($u, $c, self::updates(a: 'first'));
                    $s->setItems($u, $c, self::updates(a: 'second'));
                    $lock->release();
                },
                ['a' => 'second', 'b' => 'old'],
            ],
        ];
    }

    /** @return array<string, array{Setup, string, string}> */
    public static function deaths(): array
    {
        $all = [];
        foreach (Setup::all(Setup::UNCACHED, Setup::WRITE_THROUGH) as $name => [$setup]) {
            foreach (Stops::POINTS as $point) {
                foreach (array_keys(self::writes()) as $write) {
                    $all["$name, $write, $point"] = [$setup, $point, $write];
                }
            }
        }

        return $all;
    }

    /** @dataProvider deaths */
    public function test_killed_after_the_mark_before_and_after_the_commit(Setup $setup, string $point, string $write): void
    {
        $this->now = 1_700_000_000_000_000;
        $c = $setup->collection();
        $before = $this->prepare($setup, $c);
        [$do, $after] = self::writes()[$write];
        $this->die($setup, $point, fn (CachedStorage $storage) => $do($storage, $this->user, $c));

        // In a section of several writes each is committed by itself, unless the lock is the database's.
        $isDone = $point === 'committed';
        $expected = $isDone ? $after : self::BEFORE;
        if ($write === 'several in one section' && $setup->cacheLock && $isDone) {
            $expected = ['a' => 'first', 'b' => 'old'];
        }
        self::assertTrue($this->isDirty($c), 'the mark stays');
        $reader = $setup->open($this->clock());
        self::assertSame($expected, $this->payloadsOrNull($reader, $c), 'readers go to the database');
        $stamps = $reader->getCollectionTimestamps($this->user);
        self::assertSame($isDone ? $after !== null : true, isset($stamps[$c]));
        self::assertSame($isDone, ($stamps[$c] ?? null) !== $before);
        self::assertSame($setup->source()->getTotalSize($this->user), $reader->getTotalSize($this->user));
        self::assertTrue($this->isDirty($c), 'reading does not take it away at once');
        $this->assertCacheIsDatabase($setup, [$c, 'other']);

        $lock = $reader->lockForWrite($this->user, $c);
        $reader->setItems($this->user, $c, self::updates(z: 'next'));
        $lock->release();
        self::assertFalse($this->isDirty($c), 'the next write takes it away');
        self::assertSame(($expected ?? []) + ['z' => 'next'], self::payloads($reader, $this->user, $c));
        $this->assertCacheIsDatabase($setup, [$c, 'other']);
    }

    /** @dataProvider setupsOfTheDatabase */
    public function test_a_reader_puts_right_what_a_dead_writer_left(Setup $setup): void
    {
        foreach (Stops::POINTS as $i => $point) {
            $this->user .= "-$i";
            $this->now = 1_700_000_000_000_000;
            $c = $setup->collection();
            $this->prepare($setup, $c);
            $this->die($setup, $point, fn (CachedStorage $storage) => $storage->setItems($this->user, $c, self::updates(a: 'new')));
            $this->now += 999_999;
            $setup->open($this->clock())->getTimestamp($this->user);
            self::assertTrue($this->isDirty($c));
            $this->now += 1;
            $reader = $setup->open($this->clock());
            // MariaDB may need a moment to notice that the connection is gone, and says until then that somebody writes.
            self::eventually(function () use ($reader, $c): bool {
                $reader->getTimestamp($this->user);

                return !$this->isDirty($c);
            }, 'the mark is taken away');
            self::assertSame($point === 'committed' ? 'new' : 'old', self::payloads($reader, $this->user, $c)['a']);
            $this->assertCacheIsDatabase($setup, [$c, 'other']);
        }
    }

    /** @dataProvider setupsOfTheDatabase */
    public function test_the_next_writer_may_die_too(Setup $setup): void
    {
        $this->now = 1_700_000_000_000_000;
        $c = $setup->collection();
        $this->prepare($setup, $c);
        foreach (['committed', 'marked', 'commit', 'committed'] as $i => $point) {
            $this->die($setup, $point, fn (CachedStorage $storage) => $storage->setItems($this->user, $c, self::updates(a: "write $i")));
            self::assertTrue($this->isDirty($c));
            self::assertSame($i < 3 ? 'write 0' : 'write 3', self::payloads($setup->open($this->clock()), $this->user, $c)['a']);
        }
        $setup->open($this->clock())->setItems($this->user, $c, self::updates(a: 'last'));
        self::assertFalse($this->isDirty($c));
        $this->assertCacheIsDatabase($setup, [$c, 'other']);
    }

    /** @dataProvider setupsOfTheDatabase */
    public function test_a_write_that_is_undone_leaves_the_mark_of_a_dead_one(Setup $setup): void
    {
        $this->now = 1_700_000_000_000_000;
        $c = $setup->collection();
        $this->prepare($setup, $c);
        $this->die($setup, 'committed', fn (CachedStorage $storage) => $storage->setItems($this->user, $c, self::updates(a: 'new')));
        $storage = $setup->open($this->clock(), static fn (Storage $source): Stops => new Stops($source, static function (string $at): void {
            if ($at === 'marked') {
                throw new StorageException('as if');
            }
        }));
        $this->assertThrows(StorageException::class, fn () => $storage->setItems($this->user, $c, self::updates(a: 'undone')));
        self::assertTrue($this->isDirty($c));
        self::assertSame('new', self::payloads($storage, $this->user, $c)['a']);
        $this->assertCacheIsDatabase($setup, [$c, 'other']);
    }

    /** @return array<string, array{Setup}> */
    public static function setupsOfTheCache(): array
    {
        return Setup::all(Setup::CACHE_ONLY);
    }

    /** @dataProvider setupsOfTheCache */
    public function test_killed_before_and_after_the_store_of_a_cache_only_collection(Setup $setup): void
    {
        foreach (self::writes() as $write => [$do, $after]) {
            foreach ([false, true] as $isStored) {
                $this->user .= 'x';
                $storage = $setup->open();
                $storage->setItems($this->user, 'tabs', self::updates(...self::BEFORE));
                $before = $storage->getCollectionTimestamp($this->user, 'tabs');
                self::$batch = $storage->createBatch($this->user, 'tabs', self::updates(b: 'new'));
                unset($storage);
                if ($write === 'deleteStorage' && $isStored) {
                    continue; // the lock of a user is not to be had inside that of a collection
                }
                self::runToDeath(function () use ($setup, $do, $isStored): void {
                    $user = $this->user;
                    $storage = $setup->open(static function () use ($user): int {
                        // Asked between the reading and the storing, under the lock.
                        if (cache_fetch("kill $user")) {
                            self::killSelf();
                        }

                        return \SharedCache\Pool::now();
                    });
                    if ($isStored) {
                        $lock = $storage->lockForWrite($user, 'tabs');
                        $do($storage, $user, 'tabs');
                        self::killSelf();
                    }
                    cache_store("kill $user", true);
                    $do($storage, $user, 'tabs');
                });
                cache_delete("kill $this->user");
                $storage = $setup->open();
                self::assertSame($isStored ? $after : self::BEFORE, $this->payloadsOrNull($storage, 'tabs'), $write);
                self::assertSame($isStored, ($storage->getCollectionTimestamps($this->user)['tabs'] ?? 0) !== $before);
                $storage->setItems($this->user, 'tabs', self::updates(z: 'next'));
                self::assertSame('next', self::payloads($storage, $this->user, 'tabs')['z'], 'the lock is free');
                unset($storage);
            }
        }
    }

    /** Two collections, known to the cache. @return int the timestamp of the first */
    private function prepare(Setup $setup, string $c): int
    {
        $storage = $setup->open($this->clock());
        $storage->setItems($this->user, 'other', self::updates(a: 'other'));
        $stamp = $storage->setItems($this->user, $c, self::updates(...self::BEFORE))->stamp;
        self::$batch = $storage->createBatch($this->user, $c, self::updates(b: 'new'));
        $storage->getTimestamp($this->user);
        $storage->getItems($this->user, $c);
        self::assertNotNull($this->metadata());
        $this->now += 10;

        return $stamp;
    }

    /** A write in a process that is killed at that point. */
    private function die(Setup $setup, string $point, callable $write): void
    {
        self::runToDeath(function () use ($setup, $point, $write): void {
            $write($setup->open($this->clock(), static fn (Storage $source): Stops => new Stops(
                $source,
                static function (string $at) use ($point): void {
                    if ($at === $point) {
                        self::killSelf();
                    }
                },
            )));
        });
    }

    /** Runs what kills itself, in a process of its own. */
    private static function runToDeath(callable $run): void
    {
        $process = pcntl_fork();
        if ($process === 0) {
            try {
                $run();
                cache_store('survived', 'it came to its end');
            } catch (\Throwable $error) {
                cache_store('survived', (string) $error);
            }
            self::killSelf();
        }
        pcntl_waitpid($process, $status);
        self::assertSame(SIGKILL, pcntl_wtermsig($status));
        self::assertFalse(cache_fetch('survived'));
    }

    private function payloadsOrNull(Storage $storage, string $collection): ?array
    {
        return self::itemsOf($storage, $this->user, $collection) === null ? null : self::payloads($storage, $this->user, $collection);
    }
}
