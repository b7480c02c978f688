<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Tests\Storage;

use SharedCache\Storage\ConflictException;
use SharedCache\Storage\LockLostException;
use SharedCache\Storage\LockUpgradeException;
use SharedCache\Storage\RolledBackException;
use SharedCache\Storage\Storage;

/** Readers share, writers exclude. Other holders are other processes; they are forked before this one opens a database. */
final class LockTest extends TestCase
{
    /** @dataProvider setups */
    public function test_collection_locking_enforces_consistency(Setup $setup): void
    {
        $c = $setup->collection();
        $before = $setup->open()->setItems($this->user, $c, self::updates(a: 'old'))->stamp;
        $writer = $this->fork(function (callable $say, callable $wait) use ($setup, $c): int {
            $wait();
            $say($this->outcome(fn () => $setup->open(wait: 0)->setItems($this->user, $c, self::updates(a: 'new'))));

            return $setup->open(wait: 10)->setItems($this->user, $c, self::updates(a: 'new'))->stamp;
        });
        $reader = $setup->open();
        $lock = $reader->lockForRead($this->user, $c);
        self::assertSame($before, $reader->getCollectionTimestamp($this->user, $c));
        $this->letGo($writer);
        self::assertSame(ConflictException::class, $this->hear($writer));
        // From here on the writer waits for the lock.
        self::assertSame($before, $reader->getCollectionTimestamp($this->user, $c));
        self::assertSame(['a' => 'old'], self::payloads($reader, $this->user, $c));
        self::assertSame([$c => $before], $reader->getCollectionTimestamps($this->user));
        $lock->release();
        $after = $this->hear($writer);
        self::assertGreaterThan($before, $after);
        self::assertSame($after, $reader->getCollectionTimestamp($this->user, $c));
        self::assertSame(['a' => 'new'], self::payloads($reader, $this->user, $c));
    }

    /** @dataProvider setups */
    public function test_two_readers_never_exclude_each_other(Setup $setup): void
    {
        foreach ([$setup->collection(), 'no such collection'] as $c) {
            $others = [];
            for ($i = 0; $i < 3; $i++) {
                $others[] = $this->fork(function (callable $say, callable $wait) use ($setup, $c): string {
                    $wait();
                    $storage = $setup->open(wait: 0);
                    $lock = $storage->lockForRead($this->user, $c);
                    $say('holds');
                    $wait();
                    $seen = self::itemsOf($storage, $this->user, $c);
                    $lock->release();

                    return $seen === null ? 'none' : (string) \count($seen);
                });
            }
            if ($c === $setup->collection()) {
                $setup->open()->setItems($this->user, $c, self::updates(a: 'x'));
            }
            // One after the other acquires it, and all hold it at once.
            foreach ($others as $other) {
                $this->letGo($other);
                self::assertSame('holds', $this->hear($other));
            }
            $here = $setup->open(wait: 0);
            $lock = $here->lockForRead($this->user, $c);
            foreach ($others as $other) {
                $this->letGo($other);
                self::assertSame($c === $setup->collection() ? '1' : 'none', $this->hear($other));
            }
            $lock->release();
        }
    }

    /** @dataProvider setups */
    public function test_a_writer_excludes_all(Setup $setup): void
    {
        $c = $setup->collection();
        $writer = $this->fork(function (callable $say, callable $wait) use ($setup, $c): string {
            $lock = $setup->open()->lockForWrite($this->user, $c);
            $say($lock->token());
            $wait();
            $lock->release();

            return 'released';
        });
        $token = $this->hear($writer);
        $storage = $setup->open(wait: 0);
        self::assertSame(ConflictException::class, $this->outcome(fn () => $storage->lockForRead($this->user, $c)));
        self::assertSame(ConflictException::class, $this->outcome(fn () => $storage->lockForWrite($this->user, $c)));
        self::assertSame(ConflictException::class, $this->outcome(fn () => $storage->lockForWrite($this->user, null)));
        self::assertSame(ConflictException::class, $this->outcome(fn () => $storage->setItems($this->user, $c, [])));
        $ofTheFile = $setup->database === 'sqlite' && !$setup->locksInCache();
        self::assertSame(
            $ofTheFile ? ConflictException::class : 'done',
            $this->outcome(fn () => $storage->lockForWrite($this->user, $setup->kind === Setup::CACHE_ONLY ? 'clients' : 'other')->release()),
            'other collections have other locks, but for SQLite',
        );
        $this->letGo($writer);
        self::assertSame('released', $this->hear($writer));
        $lock = $storage->lockForWrite($this->user, $c);
        if ($setup->locksInCache()) {
            self::assertGreaterThan($token, $lock->token(), 'fencing tokens grow');
        }
        $lock->release();
    }

    /** @dataProvider setups */
    public function test_the_lock_of_a_user_excludes_those_of_collections(Setup $setup): void
    {
        $c = $setup->collection();
        $reader = $this->fork(function (callable $say, callable $wait) use ($setup, $c): string {
            $storage = $setup->open(wait: 0);
            $lock = $storage->lockForRead($this->user, $c);
            $say('reads');
            $wait();
            $lock->release();
            $say('released');
            $wait();

            return $this->outcome(fn () => $storage->setItems($this->user, $c, []));
        });
        self::assertSame('reads', $this->hear($reader));
        $storage = $setup->open(wait: 0);
        self::assertSame(ConflictException::class, $this->outcome(fn () => $storage->deleteStorage($this->user)));
        $this->letGo($reader);
        $this->hear($reader);
        $lock = $storage->lockForWrite($this->user, null);
        $storage->deleteStorage($this->user);
        $this->letGo($reader);
        self::assertSame(ConflictException::class, $this->hear($reader));
        $lock->release();
    }

    /** @dataProvider setups */
    public function test_reentrancy(Setup $setup): void
    {
        $c = $setup->collection();
        $other = $this->fork(function (callable $say, callable $wait) use ($setup, $c): string {
            while (true) {
                $wait();
                $storage = $setup->open(wait: 0);
                $say([
                    $this->outcome(fn () => $storage->lockForRead($this->user, $c)->release()),
                    $this->outcome(fn () => $storage->lockForWrite($this->user, $c)->release()),
                ]);
            }
        });
        $free = function () use ($other): array {
            $this->letGo($other);

            return array_map(static fn (string $outcome): bool => $outcome === 'done', $this->hear($other));
        };
        $storage = $setup->open(wait: 0);
        self::assertSame([true, true], $free());

        $outer = $storage->lockForRead($this->user, $c);
        $inner = $storage->lockForRead($this->user, $c);
        self::assertSame($outer->token(), $inner->token());
        $inner->release();
        $inner->release(); // does nothing
        self::assertSame([true, false], $free(), 'the outer one holds it');
        $this->assertThrows(LockUpgradeException::class, fn () => $storage->lockForWrite($this->user, $c));
        $this->assertThrows(LockUpgradeException::class, fn () => $storage->setItems($this->user, $c, self::updates(a: 'x')));
        self::assertSame([true, false], $free(), 'a write inside a read is an error, which changes nothing');
        self::assertNull(self::itemsOf($storage, $this->user, $c));
        $outer->release();
        self::assertSame([true, true], $free());

        $outer = $storage->lockForWrite($this->user, $c);
        $writing = $storage->lockForWrite($this->user, $c);
        $reading = $storage->lockForRead($this->user, $c);
        $writing->release();
        self::assertSame([false, false], $free());
        $storage->setItems($this->user, $c, self::updates(a: 'x'));
        self::assertSame(['a' => 'x'], self::payloads($storage, $this->user, $c), 'a writer sees what it wrote');
        $storage->setItems($this->user, $c, self::updates(b: 'y'));
        $stamp = $storage->deleteItems($this->user, $c, ['a'])->stamp;
        self::assertSame($stamp, $storage->getCollectionTimestamp($this->user, $c));
        $reading->release();
        self::assertSame([false, false], $free(), 'until the last release');
        $outer->release();
        self::assertSame([true, true], $free());
        self::assertSame(['b' => 'y'], self::payloads($setup->open(), $this->user, $c));
        self::assertFalse($this->isDirty($c));
        $this->assertCacheIsDatabase($setup, [$c]);
    }

    /** @dataProvider setups */
    public function test_released_on_death(Setup $setup): void
    {
        $c = $setup->collection();
        foreach (['lockForRead', 'lockForWrite'] as $mode) {
            $holder = $this->fork(function (callable $say, callable $wait) use ($setup, $c, $mode): void {
                $lock = $setup->open()->$mode($this->user, $c);
                $say('holds');
                $wait();
            });
            self::assertSame('holds', $this->hear($holder));
            self::assertSame(
                ConflictException::class,
                $this->outcome(fn () => $setup->open(wait: 0)->lockForWrite($this->user, $c)->release()),
            );
            $this->kill($holder);
            $began = hrtime(true);
            $storage = $setup->open(wait: 10);
            $storage->lockForWrite($this->user, $c)->release();
            self::assertLessThan(1e9, hrtime(true) - $began);
            $storage->setItems($this->user, $c, self::updates(a: $mode));
            self::assertSame(['a' => $mode], self::payloads($storage, $this->user, $c));
        }
    }

    /** @dataProvider setups */
    public function test_a_section_that_fails_is_undone(Setup $setup): void
    {
        $c = $setup->collection();
        $storage = $setup->open();
        $before = $storage->setItems($this->user, $c, self::updates(a: 'old'))->stamp;
        $lock = $storage->lockForWrite($this->user, $c);
        $storage->setItems($this->user, $c, self::updates(a: 'new'));
        unset($lock);
        $isUndone = !$setup->locksInCache();
        $expected = ['a' => $isUndone ? 'old' : 'new'];
        self::assertSame($expected, self::payloads($storage, $this->user, $c), 'the database\'s lock is a transaction, the cache\'s is not');
        self::assertSame($isUndone, $storage->getCollectionTimestamp($this->user, $c) === $before);
        self::assertFalse($this->isDirty($c));
        $this->assertCacheIsDatabase($setup, [$c]);
        self::assertSame([], self::heldLocks());

        if ($isUndone) {
            $outer = $storage->lockForWrite($this->user, $c);
            $storage->setItems($this->user, $c, self::updates(a: 'new'));
            $storage->lockForWrite($this->user, $c)->abandon();
            $this->assertThrows(RolledBackException::class, fn () => $outer->release());
            self::assertSame(['a' => 'old'], self::payloads($storage, $this->user, $c));
            self::assertFalse($this->isDirty($c));
        }
    }

    /** @dataProvider setups */
    public function test_a_lock_lost_to_its_lease_is_reported(Setup $setup): void
    {
        $c = $setup->collection();
        $setup->open()->setItems($this->user, $c, self::updates(a: 'old'));
        foreach (['lockForRead', 'lockForWrite'] as $mode) {
            $slow = $this->fork(function (callable $say, callable $wait) use ($setup, $c, $mode): array {
                $storage = $setup->open(lockTtl: 0.02);
                $lock = $storage->$mode($this->user, $c);
                $say('holds');
                $wait();

                return [
                    $mode === 'lockForRead' ? '' : $this->outcome(fn () => $storage->setItems($this->user, $c, self::updates(a: 'slow'))),
                    $this->outcome(fn () => $lock->release()),
                ];
            });
            $this->hear($slow);
            if ($setup->locksInCache()) {
                $storage = $setup->open(wait: 10);
                $lock = $storage->lockForWrite($this->user, $c);
                $storage->setItems($this->user, $c, self::updates(a: "taken over from $mode"));
                $lock->release();
                $this->letGo($slow);
                [$written, $released] = $this->hear($slow);
                self::assertSame(LockLostException::class, $released);
                self::assertContains($written, ['', LockLostException::class], 'nothing overwrites what the later holder wrote');
                self::assertSame(['a' => "taken over from $mode"], self::payloads($storage, $this->user, $c));
            } else {
                // The database's locks have no lease.
                self::assertSame(
                    ConflictException::class,
                    $this->outcome(fn () => $setup->open(wait: 0)->setItems($this->user, $c, [])),
                );
                $this->letGo($slow);
                self::assertSame([$mode === 'lockForRead' ? '' : 'done', 'done'], $this->hear($slow));
            }
            self::assertFalse($this->isDirty($c));
            $this->assertCacheIsDatabase($setup, [$c]);
        }
    }

    /** @return array<string, array{Setup}> */
    public static function mariaDbLocks(): array
    {
        return array_filter(self::setupsOfTheDatabase(), static fn (array $setup): bool => $setup[0]->database === 'mariadb' && !$setup[0]->cacheLock);
    }

    /** @dataProvider mariaDbLocks */
    public function test_a_lock_lost_with_its_connection_is_reported(Setup $setup): void
    {
        $c = $setup->collection();
        $setup->open()->setItems($this->user, $c, self::updates(a: 'old'));
        foreach ([true, false] as $writesAfter) {
            $pdo = $setup->connect();
            $storage = new \SharedCache\Storage\CachedStorage(new \SharedCache\Storage\PdoStorage($pdo), 'sync', ['meta']);
            $lock = $storage->lockForWrite($this->user, $c);
            $storage->setItems($this->user, $c, self::updates(a: 'new'));
            $setup->connect()->exec('KILL ' . $pdo->query('SELECT CONNECTION_ID()')->fetchColumn());
            if ($writesAfter) {
                $this->assertThrows(LockLostException::class, fn () => $storage->setItems($this->user, $c, self::updates(a: 'newer')));
            }
            $this->assertThrows(LockLostException::class, fn () => $lock->release());
            self::assertSame(['a' => 'old'], self::payloads($setup->open(), $this->user, $c));
        }
        $setup->open()->setItems($this->user, $c, self::updates(a: 'newest'));
        self::assertFalse($this->isDirty($c), 'the next write takes the mark away');
        $this->assertCacheIsDatabase($setup, [$c]);
    }

    /** @dataProvider setups */
    public function test_a_token_that_is_too_old_is_refused(Setup $setup): void
    {
        $c = $setup->collection();
        $storage = $setup->open();
        if ($setup->kind === Setup::CACHE_ONLY) {
            $storage->setItems($this->user, $c, self::updates(a: 'x'));
            // As if a lock of a later token had written.
            $key = \SharedCache\Storage\Keys::collection($this->user, $c);
            self::pool()->merge($key, static fn (array $value): array => array_replace($value, [3 => \PHP_INT_MAX]));
        } else {
            $source = $setup->source();
            $lock = $source->lockForWrite($this->user, $c, \PHP_INT_MAX);
            $source->setItems($this->user, $c, self::updates(a: 'x'));
            $lock->release();
            $this->assertThrows(LockLostException::class, fn () => $source->lockForWrite($this->user, $c, 1));
            $source->lockForWrite($this->user, $c, \PHP_INT_MAX)->release();
            $source->lockForWrite($this->user, "not $c", 1)->release();
        }
        $isRefused = $setup->locksInCache();
        self::assertSame(
            $isRefused ? LockLostException::class : 'done',
            $this->outcome(fn () => $storage->setItems($this->user, $c, self::updates(a: 'y'))),
        );
        self::assertSame(['a' => $isRefused ? 'x' : 'y'], self::payloads($storage, $this->user, $c));
        self::assertFalse($this->isDirty($c));
    }

    /** @return array<string, array{Setup}> */
    public static function cacheLocksOfTheDatabase(): array
    {
        return array_filter(self::setupsOfTheDatabase(), static fn (array $setup): bool => $setup[0]->cacheLock);
    }

    /** @dataProvider setups */
    public function test_a_read_that_was_refused_keeps_no_lock(Setup $setup): void
    {
        $c = $setup->collection();
        $setup->open()->setItems($this->user, $c, self::updates(a: 'x'));
        $writer = $this->fork(function (callable $say, callable $wait) use ($setup, $c): string {
            $wait();
            $lock = $setup->source()->lockForWrite($this->user, $c);
            $say('writes');
            $wait();
            $lock->release();

            return 'released';
        });
        $source = $setup->source(wait: 0);
        $source->getCollectionTimestamps($this->user); // it is known from here on, and not refused before it begins
        $this->letGo($writer);
        self::assertSame('writes', $this->hear($writer));
        $refused = $this->outcome(fn () => $source->getCollectionTimestamps($this->user));
        self::assertSame($setup->database === 'sqlite' ? ConflictException::class : 'done', $refused);
        $this->letGo($writer);
        $this->hear($writer);
        // Another statement than the one that was refused.
        self::assertCount($setup->kind === Setup::CACHE_ONLY ? 0 : 1, $source->getCollectionCounts($this->user));
        self::assertSame('done', $this->outcome(fn () => $setup->source(wait: 0)->lockForWrite($this->user, $c)->release()));
    }

    /** @dataProvider cacheLocksOfTheDatabase */
    public function test_who_loses_its_lease_within_a_write_comes_before_who_takes_over(Setup $setup): void
    {
        $c = $setup->collection();
        $setup->open()->setItems($this->user, $c, self::updates(a: 'old', b: 'old'));
        $slow = $this->fork(function (callable $say, callable $wait) use ($setup, $c): string {
            $wait();
            $storage = $setup->open(lockTtl: 0.02, between: fn (Storage $source): Stops => new Stops($source, function (string $point) use ($say, $wait): void {
                if ($point === 'marked') {
                    $say($point);
                    $wait();
                }
            }));

            return $this->outcome(fn () => $storage->setItems($this->user, $c, self::updates(a: 'slow', b: 'slow')));
        });
        $next = $this->fork(function (callable $say, callable $wait) use ($setup, $c): string {
            $wait();
            $storage = $setup->open(between: fn (Storage $source): Stops => new Stops($source, function (string $point) use ($say): void {
                if ($point === 'lock') {
                    $say('has taken over');
                }
            }));

            return $this->outcome(fn () => $storage->setItems($this->user, $c, self::updates(a: 'next')));
        });
        $this->letGo($slow);
        self::assertSame('marked', $this->hear($slow));
        $this->letGo($next);
        self::assertSame('has taken over', $this->hear($next));
        $this->letGo($slow);
        self::assertSame(LockLostException::class, $this->hear($slow));
        self::assertSame('done', $this->hear($next));
        self::assertSame(['a' => 'next', 'b' => 'slow'], self::payloads($setup->open(), $this->user, $c));
        self::assertFalse($this->isDirty($c));
        $this->assertCacheIsDatabase($setup, [$c]);
    }

    /** @return string "done", or the class of what was thrown */
    private function outcome(callable $call): string
    {
        try {
            $call();

            return 'done';
        } catch (\SharedCache\Storage\StorageException $error) {
            return $error::class;
        }
    }
}
