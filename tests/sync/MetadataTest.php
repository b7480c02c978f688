<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Tests\Storage;

use SharedCache\Pool;
use SharedCache\Storage\CachedStorage;
use SharedCache\Storage\CollectionNotFoundException;
use SharedCache\Storage\ItemUpdate;
use SharedCache\Storage\Keys;
use SharedCache\Storage\Query;
use SharedCache\Storage\Storage;
use SharedCache\Storage\StorageException;

/** What the cache knows, from when on, and how it comes not to know anything wrong. */
final class MetadataTest extends TestCase
{
    use Stopped;

    /** @dataProvider setups */
    public function test_timestamps_come_from_the_cache(Setup $setup): void
    {
        [$storage, $stops, $c] = [...$this->counted($setup), $setup->collection()];
        $stamp = $storage->setItems($this->user, $c, self::updates(a: 'x'))->stamp;
        $storage->getTimestamp($this->user);
        $stops->calls = [];
        for ($i = 0; $i < 3; $i++) {
            self::assertSame($stamp, $storage->getTimestamp($this->user));
            self::assertSame([$c => $stamp], $storage->getCollectionTimestamps($this->user));
            self::assertSame($stamp, $storage->getCollectionTimestamp($this->user, $c));
            self::assertSame(1, $storage->getTotalSize($this->user));
            $this->assertThrows(CollectionNotFoundException::class, fn () => $storage->getCollectionTimestamp($this->user, 'other'));
        }
        self::assertSame([], $stops->calls, 'the database is not asked');
        $stamp = $storage->setItems($this->user, $c, self::updates(a: 'yy'))->stamp;
        $stops->calls = [];
        self::assertSame([$c => $stamp], $storage->getCollectionTimestamps($this->user));
        self::assertSame(2, $storage->getTotalSize($this->user));
        self::assertSame([], $stops->calls, 'not after a write either');
    }

    /** @dataProvider setups */
    public function test_a_kind_says_where_items_are(Setup $setup): void
    {
        [$storage, $stops, $c] = [...$this->counted($setup), $setup->collection()];
        $storage->setItems($this->user, $c, self::updates(a: 'x', b: 'y'));
        $storage->getItems($this->user, $c);
        $stops->calls = [];
        self::assertSame(['a', 'b'], $storage->getItems($this->user, $c)->ids());
        self::assertSame(['b'], $storage->getItems($this->user, $c, new Query(['b']))->ids());
        self::assertSame('x', $storage->getItem($this->user, $c, 'a')->payload);
        self::assertSame($setup->kind === Setup::UNCACHED, $stops->calls !== [], 'is the database asked?');
        self::assertSame($setup->kind !== Setup::UNCACHED, self::pool()->has(Keys::collection($this->user, $c)));
        self::assertSame(
            $setup->kind === Setup::CACHE_ONLY ? null : 2,
            $setup->source()->getCollectionCounts($this->user)[$c] ?? null,
            'in the database?',
        );
    }

    public function test_keys(): void
    {
        self::assertSame('7:metadata', Keys::metadata('7'));
        self::assertSame('7:c:meta', Keys::collection('7', 'meta'));
        self::assertSame('a%3Ab%25:c:x%3Ay', Keys::collection('a:b%', 'x:y'));
        $source = (new Setup(Setup::WRITE_THROUGH, 'sqlite', true))->source();
        $this->assertThrows(\InvalidArgumentException::class, fn () => new CachedStorage($source, 'mine', ['meta', 'tabs'], ['tabs']));
        $storage = new CachedStorage($source, 'mine', ['meta'], ['tabs'], true);
        $storage->setItems($this->user, 'meta', self::updates(a: 'x'));
        $storage->setItems($this->user, 'tabs', self::updates(a: 'x'));
        $storage->getItems($this->user, 'meta');
        $keys = iterator_to_array((new Pool('mine'))->keys(), false);
        sort($keys);
        self::assertSame(["$this->user:c:meta", "$this->user:c:tabs", "$this->user:metadata"], $keys, 'and no others');

        $names = ['a', 'b', 'a:b', 'a%3Ab', ':', '%', '%3A', 'c', 'metadata', 'lock', 'batches', 'c:a', 'a:c', 'a:c:b', '', '0', '00'];
        $all = [];
        foreach ($names as $user) {
            array_push($all, Keys::metadata($user), Keys::lock($user, null));
            foreach ($names as $collection) {
                array_push($all, Keys::collection($user, $collection), Keys::batches($user, $collection), Keys::lock($user, $collection));
            }
        }
        self::assertSame($all, array_values(array_unique($all)));
    }

    /** @dataProvider setups */
    public function test_meta_write_through(Setup $setup): void
    {
        [$storage, $stops] = $this->counted($setup);
        $storage->setItems($this->user, 'meta', self::updates(global: 'v1', other: 'o'));
        $storage->getItems($this->user, 'meta');
        foreach (['v2', 'v3'] as $payload) {
            $state = $storage->setItems($this->user, 'meta', self::updates(global: $payload));
            $stops->calls = [];
            self::assertSame($payload, $storage->getItem($this->user, 'meta', 'global')->payload);
            self::assertSame([], $stops->calls, 'the write has changed the copy');
            self::assertSame($payload, $setup->source()->getItem($this->user, 'meta', 'global')->payload, 'and the database');
            self::assertSame($state->stamp, self::pool()->get(Keys::collection($this->user, 'meta'))[0]);
        }
        $storage->deleteItems($this->user, 'meta', ['other']);
        $stops->calls = [];
        self::assertSame(['global'], $storage->getItems($this->user, 'meta')->ids());
        self::assertSame([], $stops->calls);
        $storage->setItems($this->user, 'meta', [new ItemUpdate('global', ttl: 1000)]);
        self::assertFalse(self::pool()->has(Keys::collection($this->user, 'meta')), 'a copy whose end only the database knows is deleted');
        self::assertNotNull($storage->getItem($this->user, 'meta', 'global')->expires);
        $this->assertCacheIsDatabase($setup, ['meta']);
    }

    /** With one item, and a copy of it; from now on somebody else puts another copy in its place just before each commit. */
    private function openReplacing(Setup $setup, string $key, array $other): Storage
    {
        $replace = false;
        $storage = $setup->open(null, static function (Storage $source) use ($key, $other, &$replace): Stops {
            return new Stops($source, static function (string $at) use ($key, $other, &$replace): void {
                if ($at === 'commit' && $replace) {
                    self::pool()->set($key, $other);
                }
            });
        });
        $storage->setItems($this->user, 'meta', self::updates(a: 'x'));
        $storage->getItems($this->user, 'meta');
        $replace = true;

        return $storage;
    }

    /** @dataProvider setups */
    public function test_only_the_copy_that_a_write_knew_is_deleted(Setup $setup): void
    {
        $key = Keys::collection($this->user, 'meta');
        $other = [1, true, 0, 0, []];
        $storage = $this->openReplacing($setup, $key, $other);
        $storage->setItems($this->user, 'meta', [new ItemUpdate('a', ttl: 1000)]);
        self::assertSame($other, self::pool()->get($key), 'one that came in between is left alone');
        self::assertSame('x', $storage->getItem($this->user, 'meta', 'a')->payload, 'and it is not used');
        $storage->setItems($this->user, 'meta', self::updates(a: 'y'));
        self::assertSame($other, self::pool()->get($key));
        self::assertSame('y', $storage->getItem($this->user, 'meta', 'a')->payload);
    }

    /** @dataProvider setups */
    public function test_only_the_copy_that_a_write_knew_is_replaced(Setup $setup): void
    {
        $key = Keys::collection($this->user, 'meta');
        $other = [1, true, 0, 0, []];
        $storage = $this->openReplacing($setup, $key, $other);
        $storage->setItems($this->user, 'meta', self::updates(a: 'y'));
        self::assertSame($other, self::pool()->get($key), 'one that came in between is left alone');
        self::assertSame('y', $storage->getItem($this->user, 'meta', 'a')->payload, 'and it is not used');
    }

    /** @dataProvider setups */
    public function test_tabs_cache_only(Setup $setup): void
    {
        [$storage, $stops] = $this->counted($setup);
        $storage->setItems($this->user, 'tabs', self::updates(phone: 'x', desktop: 'y'));
        $storage->deleteItems($this->user, 'tabs', ['phone']);
        self::assertSame(['desktop' => 'y'], self::payloads($setup->open(), $this->user, 'tabs'));
        self::assertSame([], $stops->calls, 'the database knows nothing of it');
        self::assertSame([], $setup->source()->getStates($this->user));
        cache_clear();
        $this->assertThrows(CollectionNotFoundException::class, fn () => $storage->getItems($this->user, 'tabs'));
    }

    /** @dataProvider setups */
    public function test_a_rebuild_includes_cache_only_collections(Setup $setup): void
    {
        $storage = $setup->open();
        foreach (['history', 'meta', 'tabs', 'clients'] as $collection) {
            $storage->setItems($this->user, $collection, self::updates(a: 'x'));
        }
        $stamps = $storage->getCollectionTimestamps($this->user);
        $latest = $storage->getTimestamp($this->user);
        self::assertCount(4, $stamps);
        self::assertTrue(self::pool()->delete(Keys::metadata($this->user)));
        $other = $setup->open();
        self::assertEquals($stamps, $other->getCollectionTimestamps($this->user));
        self::assertSame($latest, $other->getTimestamp($this->user));
        self::assertSame(4, $other->getTotalSize($this->user));
        self::assertSame($stamps[$setup->collection()], $other->getCollectionTimestamp($this->user, $setup->collection()));
    }

    /** @return array<string, array{Setup, string, string}> */
    public static function interleavings(): array
    {
        $all = [];
        foreach (Setup::all(Setup::UNCACHED, Setup::WRITE_THROUGH) as $name => [$setup]) {
            // In SQLite there is one writer at a time: the first can only have committed when the second comes.
            foreach ($setup->database === 'sqlite' ? ['committed'] : ['marked', 'commit', 'committed'] as $first) {
                foreach (['marked', 'commit'] as $second) {
                    $all["$name, first $first, second $second"] = [$setup, $first, $second];
                }
            }
        }

        return $all;
    }

    /** @dataProvider interleavings */
    public function test_two_writers_on_different_collections_never_erase_each_others_mark(Setup $setup, string $first, string $second): void
    {
        $other = $setup->kind === Setup::UNCACHED ? 'bookmarks' : 'crypto';
        $c = $setup->collection();
        foreach ([$c, $other] as $collection) {
            $old[$collection] = $setup->open()->setItems($this->user, $collection, self::updates(a: 'old'))->stamp;
        }
        $setup->open()->getTimestamp($this->user);
        $one = $this->writer($setup, fn (CachedStorage $storage) => $storage->setItems($this->user, $c, self::updates(a: 'new!')), $first);
        $two = $this->writer($setup, fn (CachedStorage $storage) => $storage->setItems($this->user, $other, self::updates(a: 'new')), $second);
        $this->runTo($one, $first);
        $this->runTo($two, $second);
        self::assertSame([true, true], [$this->isDirty($c), $this->isDirty($other)]);
        $this->runTo($one, 'done');
        self::assertSame([false, true], [$this->isDirty($c), $this->isDirty($other)], 'the first takes only its own mark away');
        self::assertGreaterThan($old[$c], $this->metadata()->slot($c)->state->stamp);
        $this->runTo($two, 'done');
        self::assertSame([false, false], [$this->isDirty($c), $this->isDirty($other)]);
        self::assertSame(7, $setup->open()->getTotalSize($this->user));
        $this->assertCacheIsDatabase($setup, [$c, $other]);
    }

    /** @dataProvider setupsOfTheDatabase */
    public function test_a_writer_that_is_late_leaves_the_mark_of_the_next_alone(Setup $setup): void
    {
        $c = $setup->collection();
        $setup->open()->setItems($this->user, $c, self::updates(a: 'old'));
        $setup->open()->getItems($this->user, $c);
        $setup->open()->getTimestamp($this->user);
        $late = $this->writer($setup, fn (CachedStorage $storage) => $storage->setItems($this->user, $c, self::updates(a: 'late')), 'committed');
        $next = $this->writer($setup, fn (CachedStorage $storage) => $storage->setItems($this->user, $c, self::updates(a: 'next', b: 'b')), 'commit');
        $this->runTo($late, 'committed');
        if ($setup->cacheLock) {
            // It still has the lock.
            $this->runTo($late, 'done');
            $this->runTo($next, 'commit');
        } else {
            $this->runTo($next, 'commit');
            $this->runTo($late, 'done');
        }
        self::assertTrue($this->isDirty($c));
        $this->runTo($next, 'done');
        self::assertFalse($this->isDirty($c));
        self::assertSame(['a' => 'next', 'b' => 'b'], self::payloads($setup->open(), $this->user, $c));
        self::assertSame(5, $setup->open()->getTotalSize($this->user));
        $this->assertCacheIsDatabase($setup, [$c]);
    }

    /** @return array<string, array{Setup, string}> */
    public static function points(): array
    {
        $all = [];
        foreach (Setup::all(Setup::UNCACHED, Setup::WRITE_THROUGH) as $name => [$setup]) {
            foreach (Stops::POINTS as $point) {
                $all["$name, $point"] = [$setup, $point];
            }
        }

        return $all;
    }

    /** @dataProvider points */
    public function test_metadata_that_is_evicted_during_a_write(Setup $setup, string $point): void
    {
        $c = $setup->collection();
        foreach ([$c, 'other'] as $collection) {
            $setup->open()->setItems($this->user, $collection, self::updates(a: 'old'));
        }
        $setup->open()->getTimestamp($this->user);
        $setup->open()->getItems($this->user, $c);
        foreach (['goes on', 'dies'] as $end) {
            $writer = $this->writer($setup, fn (CachedStorage $storage) => $storage->setItems($this->user, $c, self::updates(a: $end)), $point);
            $this->runTo($writer, $point);
            cache_clear();
            $reader = $setup->open(wait: 0);
            $seen = $this->whatIsSeen($reader, $c);
            self::assertContains($seen, [null, 'old', 'goes on', 'dies']);
            if ($point !== 'committed') {
                self::assertNull($this->metadata(), 'nobody makes it anew while somebody writes');
            }
            $end === 'dies' ? $this->kill($writer) : $this->runTo($writer, 'done');
            $expected = $point === 'committed' ? $end : 'goes on';
            self::assertSame(['a' => $expected], self::payloads($setup->open(), $this->user, $c));
            $this->assertCacheIsDatabase($setup, [$c, 'other'], $end);
        }
    }

    /** @dataProvider setupsOfTheDatabase */
    public function test_a_failure_of_the_database_rolls_back(Setup $setup): void
    {
        $c = $setup->collection();
        $fail = '';
        $storage = $setup->open(null, static function (Storage $source) use (&$fail): Stops {
            return new Stops($source, static function (string $at) use (&$fail): void {
                if ($at === $fail) {
                    throw new StorageException('as if');
                }
            });
        });
        $before = $storage->setItems($this->user, $c, self::updates(a: 'old'))->stamp;
        $storage->getItems($this->user, $c);
        foreach (['marked', 'commit'] as $fail) {
            self::assertSame('as if', $this->assertThrows(StorageException::class, fn () => $storage->setItems($this->user, $c, self::updates(a: 'new')))->getMessage());
            self::assertSame($before, $setup->source()->getCollectionTimestamp($this->user, $c));
            self::assertSame($fail === 'commit', $this->isDirty($c), 'after a commit that failed nobody knows what is there');
            self::assertSame($before, $storage->getCollectionTimestamp($this->user, $c));
            self::assertSame(['a' => 'old'], self::payloads($storage, $this->user, $c));
            self::assertSame([], self::heldLocks());
        }
        $fail = '';
        $storage->setItems($this->user, $c, self::updates(a: 'new'));
        self::assertFalse($this->isDirty($c));
        $this->assertCacheIsDatabase($setup, [$c]);
    }

    /** @dataProvider setups */
    public function test_recalculation_of_the_size_once_an_hour_by_one_process(Setup $setup): void
    {
        $this->now = $start = 1_700_000_000_000_000;
        $c = $setup->kind === Setup::CACHE_ONLY ? 'history' : $setup->collection();
        $here = $setup->open($this->clock());
        $here->setItems($this->user, $c, [new ItemUpdate('a', '12345', ttl: 10), new ItemUpdate('b', '123')]);
        $here->setItems($this->user, 'tabs', self::updates(a: '1234567'));
        self::assertSame(15, $here->getTotalSize($this->user));
        unset($here); // closes its database before the fork
        foreach ([0, 1] as $hour) {
            $this->now = $start + 20_000_000 + $hour * 3_600_000_000;
            $results = $this->inParallel(8, function () use ($setup): int {
                $storage = $setup->open($this->clock(), fn (Storage $source): Stops => new Stops($source, static function (string $at): void {
                    if ($at === 'recalculate') {
                        cache_inc('recalculations');
                    }
                }));
                $storage->getTotalSize($this->user, true);

                return $storage->getTotalSize($this->user, true);
            });
            self::assertSame($hour + 1, cache_fetch('recalculations'));
            foreach ($results as $result) {
                self::assertContains($result, [15, 10], 'the old one or the new one');
            }
            $storage = $setup->open($this->clock());
            self::assertSame(10, $storage->getTotalSize($this->user), 'what has expired does not count any more');
            $storage->setItems($this->user, $c, self::updates(b: '12'));
            $storage->setItems($this->user, $c, self::updates(b: '123'));
            $this->now = $start + 20_000_000 + 3_599_999_999;
            self::assertSame(10, $storage->getTotalSize($this->user, $hour === 0));
            unset($storage);
        }
    }

    /** @dataProvider setups */
    public function test_a_recalculation_does_not_lose_a_write(Setup $setup): void
    {
        $c = $setup->kind === Setup::CACHE_ONLY ? 'history' : $setup->collection();
        $setup->open()->setItems($this->user, $c, self::updates(a: '12345'));
        $writer = $this->fork(function (callable $say, callable $wait) use ($setup, $c): string {
            $wait();
            $setup->open()->setItems($this->user, $c, self::updates(b: '123'));

            return 'done';
        });
        $times = 0;
        $storage = $setup->open(null, function (Storage $source) use ($writer, &$times): Stops {
            return new Stops($source, function (string $at) use ($writer, &$times): void {
                if ($at === 'recalculate' && ++$times === 1) {
                    // It has read the metadata, and not yet the sum.
                    $this->runTo($writer, 'done');
                }
            });
        });
        self::assertSame(8, $storage->getTotalSize($this->user, true));
        self::assertSame(2, $times, 'it adds up again');
        self::assertSame(8, $setup->open()->getTotalSize($this->user));
    }

    /** @return array<string, array{Setup, string}> */
    public static function pointsOfAll(): array
    {
        $all = [];
        foreach (Setup::all() as $name => [$setup]) {
            foreach (Stops::POINTS as $point) {
                $all["$name, $point"] = [$setup, $point];
            }
        }

        return $all;
    }

    /** @dataProvider pointsOfAll */
    public function test_a_reader_does_not_fill_in_what_is_being_deleted(Setup $setup, string $point): void
    {
        $c = $setup->collection();
        foreach ([$c, 'other'] as $collection) {
            $setup->open()->setItems($this->user, $collection, self::updates(a: 'old'));
            $setup->open()->getItems($this->user, $collection);
        }
        $setup->open()->getTimestamp($this->user);
        $deleter = $this->writer($setup, fn (CachedStorage $storage) => $storage->deleteStorage($this->user), $point);
        $this->runTo($deleter, $point);
        $this->whatIsSeen($setup->open(wait: 0), $c);
        if ($point !== 'committed') {
            self::pool()->delete(Keys::metadata($this->user));
            $this->whatIsSeen($setup->open(wait: 0), $c);
        }
        $this->runTo($deleter, 'done');
        $storage = $setup->open();
        self::assertSame([], $storage->getCollectionTimestamps($this->user));
        self::assertNull(self::itemsOf($storage, $this->user, $c));
        self::assertNull(self::itemsOf($storage, $this->user, 'other'));
        self::assertSame(0, $storage->getTotalSize($this->user));
        $this->assertCacheIsDatabase($setup, [$c, 'other']);
    }

    /** @dataProvider setups */
    public function test_a_copy_that_was_read_before_a_write_is_not_used_after_it(Setup $setup): void
    {
        $setup->open()->setItems($this->user, 'meta', self::updates(a: 'old'));
        $setup->open()->getTimestamp($this->user);
        $slow = $this->fork(function (callable $say, callable $wait) use ($setup): array {
            $wait();
            $storage = $setup->open(null, fn (Storage $source): Stops => new Stops($source, static function (string $at) use ($say, $wait): void {
                if ($at === 'read') {
                    $say('has read');
                    $wait();
                }
            }));

            return self::payloads($storage, $this->user, 'meta');
        });
        $this->runTo($slow, 'has read');
        $setup->open()->setItems($this->user, 'meta', self::updates(a: 'new'));
        $this->letGo($slow);
        self::assertSame(['a' => 'old'], $this->hear($slow), 'it began before');
        self::assertSame(['a' => 'new'], self::payloads($setup->open(), $this->user, 'meta'));
        $this->assertCacheIsDatabase($setup, ['meta']);
    }

    /** @dataProvider setups */
    public function test_without_the_cache_reads_go_on_and_writes_are_refused(Setup $setup): void
    {
        $c = $setup->collection();
        $setup->open()->setItems($this->user, $c, self::updates(a: 'x'));
        $output = $setup->inAnotherPhp($this->user, <<<'PHP'
            $pdo = new PDO(getenv('CACHE_TEST_DSN'));
            $storage = new SharedCache\Storage\CachedStorage(new SharedCache\Storage\PdoStorage($pdo), 'sync', ['meta'], ['tabs'], getenv('CACHE_TEST_LOCK') === '1');
            [$user, $c] = explode('/', getenv('CACHE_TEST_COLLECTION'));
            foreach (['getItem' => 'a', 'setItems' => [new SharedCache\Storage\ItemUpdate('a', 'y')]] as $method => $argument) {
                try {
                    $result = $storage->$method($user, $c, $argument);
                    echo $method, ': ', $result->payload ?? 'done', "\n";
                } catch (SharedCache\Storage\StorageException $error) {
                    echo $method, ': ', $error->getMessage(), "\n";
                }
            }
            PHP, ['cache.enable_cli' => '0']);
        $expected = $setup->kind === Setup::CACHE_ONLY
            ? "getItem: The cache cannot be reached, which has the collection tabs\n"
            : "getItem: x\n";
        self::assertSame(
            $expected . "setItems: The cache cannot be reached: what others have in theirs could not be marked as changed\n",
            $output,
        );
    }

    /** @return array{CachedStorage, Stops} */
    private function counted(Setup $setup): array
    {
        $stops = null;
        $storage = $setup->open($this->clock(), static function (Storage $source) use (&$stops): Stops {
            return $stops = new Stops($source);
        });

        return [$storage, $stops];
    }

    /** What a reader gets that asks for all; null: the collection is not there, or locked. */
    private function whatIsSeen(CachedStorage $storage, string $collection): ?string
    {
        try {
            $storage->getCollectionTimestamps($this->user);
            $storage->getTotalSize($this->user);

            return self::payloads($storage, $this->user, $collection)['a'] ?? null;
        } catch (StorageException) {
            return null;
        }
    }
}
