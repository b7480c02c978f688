<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Tests\Storage;

use SharedCache\Storage\BatchNotFoundException;
use SharedCache\Storage\CachedStorage;
use SharedCache\Storage\CollectionNotFoundException;
use SharedCache\Storage\InvalidOffsetException;
use SharedCache\Storage\ItemNotFoundException;
use SharedCache\Storage\ItemUpdate;
use SharedCache\Storage\Query;
use SharedCache\Storage\Sort;
use SharedCache\Storage\Storage;

/** What every storage does, however it is cached: each test for twelve of them. */
final class StorageTest extends TestCase
{
    /** @dataProvider setups */
    public function test_basics(Setup $setup): void
    {
        [$storage, $c] = [$setup->open(), $setup->collection()];
        self::assertSame(0, $storage->getTimestamp($this->user));
        self::assertSame([], $storage->getCollectionTimestamps($this->user));

        $first = $storage->setItems($this->user, $c, self::updates(a: 'one', b: "\0\xff' \\ two"));
        self::assertSame(['a' => 'one', 'b' => "\0\xff' \\ two"], self::payloads($storage, $this->user, $c));
        self::assertSame($first->stamp, $storage->getItem($this->user, $c, 'a')->modified);
        self::assertEqualsWithDelta(microtime(true), $first->stamp / 1e6, 5);

        $second = $storage->setItems($this->user, $c, [new ItemUpdate('a', sortIndex: 7), new ItemUpdate('c')]);
        self::assertGreaterThan($first->stamp, $second->stamp);
        $item = $storage->getItem($this->user, $c, 'a');
        self::assertSame(['one', 7, $second->stamp], [$item->payload, $item->sortIndex, $item->modified], 'what is not given stays');
        self::assertSame('', $storage->getItem($this->user, $c, 'c')->payload);

        $third = $storage->deleteItems($this->user, $c, ['b', 'no such']);
        self::assertGreaterThan($second->stamp, $third->stamp);
        self::assertSame(['a', 'c'], $storage->getItems($this->user, $c)->ids());
        $this->assertThrows(ItemNotFoundException::class, fn () => $storage->getItem($this->user, $c, 'b'));
        $this->assertSeenByOthers($setup, ['a' => 'one', 'c' => '']);
    }

    /** @dataProvider setups */
    public function test_a_collection_that_is_not_there(Setup $setup): void
    {
        [$storage, $c] = [$setup->open(), $setup->collection()];
        for ($round = 0; $round < 2; $round++) {
            foreach (['getItems', 'getCollectionTimestamp', 'deleteCollection'] as $method) {
                $this->assertThrows(CollectionNotFoundException::class, fn () => $storage->$method($this->user, $c));
            }
            $this->assertThrows(CollectionNotFoundException::class, fn () => $storage->deleteItems($this->user, $c, ['a']));
            $this->assertThrows(CollectionNotFoundException::class, fn () => $storage->getItem($this->user, $c, 'a'));
            self::assertFalse($this->isDirty($c), 'a write that found nothing leaves no mark');
            $storage->setItems($this->user, 'other', self::updates(a: 'x'));
        }
        $storage->setItems($this->user, $c, []);
        self::assertSame([], $storage->getItems($this->user, $c)->items, 'a collection may be empty');
    }

    /** @dataProvider setups */
    public function test_queries(Setup $setup): void
    {
        [$storage, $c] = [$setup->open(), $setup->collection()];
        $stamps = [];
        foreach ([['c', 5], ['a', null], ['b', -3], ['10', 5]] as [$id, $sortIndex]) {
            $stamps[$id] = $storage->setItems($this->user, $c, [new ItemUpdate($id, "payload of $id", $sortIndex)])->stamp;
        }
        $ids = fn (Query $query): array => $storage->getItems($this->user, $c, $query)->ids();
        for ($round = 0; $round < 2; $round++) {
            self::assertSame(['10', 'a', 'b', 'c'], $ids(new Query()));
            self::assertSame(['10', 'b', 'a', 'c'], $ids(new Query(sort: Sort::Newest)));
            self::assertSame(['c', 'a', 'b', '10'], $ids(new Query(sort: Sort::Oldest)));
            self::assertSame(['10', 'c', 'b', 'a'], $ids(new Query(sort: Sort::Index)));
            self::assertSame(['10', 'b'], $ids(new Query(newer: $stamps['a'])));
            self::assertSame(['a', 'c'], $ids(new Query(older: $stamps['b'])));
            self::assertSame(['10', 'c'], $ids(new Query(ids: ['c', '10', 'x', 'c'])));
            self::assertSame([], $ids(new Query(ids: [])));
            $page = $storage->getItems($this->user, $c, new Query(sort: Sort::Oldest, limit: 3));
            self::assertSame(['c', 'a', 'b'], $page->ids());
            $rest = $storage->getItems($this->user, $c, new Query(sort: Sort::Oldest, limit: 3, offset: $page->next));
            self::assertSame([['10'], null], [$rest->ids(), $rest->next]);
            self::assertNull($storage->getItems($this->user, $c, new Query(limit: 4))->next);
        }
        $this->assertThrows(InvalidOffsetException::class, fn () => new Query(offset: 'x'));
    }

    /** @dataProvider setups */
    public function test_stamps(Setup $setup): void
    {
        [$storage, $c] = [$setup->open($this->clock()), $setup->collection()];
        $this->now = 1_700_000_000_000_000;
        $stamps = [];
        foreach (['history', 'meta', 'tabs', 'forms'] as $collection) {
            $stamps[$collection] = $storage->setItems($this->user, $collection, self::updates(a: 'x'))->stamp;
            $this->now += 10;
        }
        self::assertEquals($stamps, $storage->getCollectionTimestamps($this->user));
        self::assertSame(max($stamps), $storage->getTimestamp($this->user));
        self::assertSame($stamps[$c], $storage->getCollectionTimestamp($this->user, $c));

        $this->now -= 1_000_000;
        $again = $storage->setItems($this->user, $c, self::updates(a: 'y'))->stamp;
        self::assertSame($stamps[$c] + 1, $again, 'a clock that is set back does not set timestamps back');
        self::assertSame($again, $storage->getCollectionTimestamp($this->user, $c));

        $this->now += 3_000_000;
        $deleted = $storage->deleteCollection($this->user, $c)->stamp;
        self::assertSame($this->now, $deleted);
        self::assertSame($deleted, $storage->getTimestamp($this->user), 'a deletion is a change of the user\'s data');
        self::assertArrayNotHasKey($c, $storage->getCollectionTimestamps($this->user));
        $this->now -= 10;
        self::assertGreaterThan($deleted, $storage->setItems($this->user, $c, [])->stamp, 'also of one that was deleted');
        $this->assertCacheIsDatabase($setup, ['history', 'meta', 'tabs', 'forms']);
    }

    /** @dataProvider setups */
    public function test_timestamp_of_an_empty_collection(Setup $setup): void
    {
        [$storage, $c] = [$setup->open(), $setup->collection()];
        $storage->setItems($this->user, $c, self::updates(a: 'x'));
        $stamp = $storage->deleteItems($this->user, $c, ['a'])->stamp;
        self::assertSame($stamp, $storage->getCollectionTimestamp($this->user, $c));
        self::assertSame([$c => $stamp], $storage->getCollectionTimestamps($this->user));
        self::assertSame([$c => 0], $storage->getCollectionCounts($this->user));
        self::assertSame([$c => 0], $storage->getCollectionSizes($this->user));
    }

    /** @dataProvider setups */
    public function test_sizes(Setup $setup): void
    {
        [$storage, $c] = [$setup->open(), $setup->collection()];
        self::assertSame(0, $storage->getTotalSize($this->user));
        $storage->setItems($this->user, $c, self::updates(a: '12345', b: '123'));
        $storage->setItems($this->user, 'other', self::updates(a: '12'));
        self::assertSame(10, $storage->getTotalSize($this->user));
        self::assertSame(8, $storage->setItems($this->user, $c, [new ItemUpdate('a', sortIndex: 1)])->size, 'no payload, no change');
        $storage->setItems($this->user, $c, self::updates(a: '1'));
        self::assertSame(6, $storage->getTotalSize($this->user), 'the one that was replaced does not count any more');
        self::assertEquals([$c => 4, 'other' => 2], $storage->getCollectionSizes($this->user));
        self::assertEquals([$c => 2, 'other' => 1], $storage->getCollectionCounts($this->user));
        $storage->deleteItems($this->user, $c, ['b']);
        self::assertSame(3, $storage->getTotalSize($this->user));
        $storage->deleteCollection($this->user, $c);
        self::assertSame(2, $storage->getTotalSize($this->user));
        cache_delete(new \Cache\EntryIterator('sync:' . $this->user . ':metadata'));
        self::assertSame(2, $storage->getTotalSize($this->user), 'after an eviction, too');
    }

    /** @dataProvider setups */
    public function test_ttl_with_grace(Setup $setup): void
    {
        [$storage, $c] = [$setup->open($this->clock()), $setup->collection()];
        $this->now = $start = 1_700_000_000_000_000;
        $storage->setItems($this->user, $c, [new ItemUpdate('short', '12345', ttl: 10), new ItemUpdate('long', '123')]);
        for ($round = 0; $round < 2; $round++) {
            $this->now = $start + 9_999_999;
            self::assertSame(['long', 'short'], $storage->getItems($this->user, $c)->ids());
            self::assertSame('12345', $storage->getItem($this->user, $c, 'short')->payload);
            $this->now = $start + 10_000_000;
            self::assertSame(['long'], $storage->getItems($this->user, $c)->ids(), 'not seen from its end on');
            $this->assertThrows(ItemNotFoundException::class, fn () => $storage->getItem($this->user, $c, 'short'));
            self::assertSame([$c => 1], $storage->getCollectionCounts($this->user));
        }
        $storage->setItems($this->user, $c, [new ItemUpdate('other', '1')]);
        self::assertSame(9, $storage->getTotalSize($this->user), 'it is kept for the grace');
        $this->now = $start + 10_000_000 + Storage::EXPIRY_GRACE * 1_000_000;
        $storage->setItems($this->user, $c, [new ItemUpdate('other', '1')]);
        self::assertSame(4, $storage->getTotalSize($this->user), 'a write after it removes it');

        $storage->setItems($this->user, $c, [new ItemUpdate('again', 'old', 5, ttl: 10)]);
        $this->now += 10_000_000;
        $storage->setItems($this->user, $c, [new ItemUpdate('again')]);
        $item = $storage->getItem($this->user, $c, 'again');
        self::assertSame(['', null, null], [$item->payload, $item->sortIndex, $item->expires], 'nothing of one that has expired comes back');
        $storage->setItems($this->user, $c, [new ItemUpdate('again', 'new', ttl: 5)]);
        $storage->setItems($this->user, $c, [new ItemUpdate('again', sortIndex: 1)]);
        self::assertSame($this->now + 5_000_000, $storage->getItem($this->user, $c, 'again')->expires, 'it keeps its ttl');
        $this->assertCacheIsDatabase($setup, [$c]);
    }

    /** @dataProvider setups */
    public function test_dashed_ids(Setup $setup): void
    {
        [$storage, $c] = [$setup->open(), $setup->collection()];
        $ids = ['{1d2c-44-a}', '-', '--a', '12', '012', 'a:b', 'a%3Ab', '%#', 'é', 'A', 'a', 'a ', str_repeat('x', 64)];
        $payloads = array_combine($ids, array_map(strrev(...), $ids));
        $storage->setItems($this->user, $c, array_map(static fn ($id) => new ItemUpdate((string) $id, $payloads[$id]), $ids));
        for ($round = 0; $round < 2; $round++) {
            self::assertEquals($payloads, self::payloads($storage, $this->user, $c));
            foreach ($ids as $id) {
                $item = $storage->getItem($this->user, $c, $id);
                self::assertSame([$id, strrev($id)], [$item->id, $item->payload]);
            }
        }
        foreach ([$this->user . ':c', $this->user . '%3Ac', '7', '07'] as $user) {
            $storage->setItems($user, $c, self::updates(a: $user));
            $storage->setItems($user, "$c:batches", self::updates(a: "other of $user"));
            self::assertSame(['a' => $user], self::payloads($storage, $user, $c));
            self::assertCount(2, $storage->getCollectionTimestamps($user));
            $storage->deleteStorage($user);
        }
    }

    /** @dataProvider setups */
    public function test_batches(Setup $setup): void
    {
        [$storage, $c] = [$setup->open($this->clock()), $setup->collection()];
        $this->now = 1_700_000_000_000_000;
        $before = $storage->setItems($this->user, $c, self::updates(a: 'old', z: 'stays'))->stamp;
        $storage->getItems($this->user, $c);
        $batch = $storage->createBatch($this->user, $c, self::updates(a: 'first', b: 'first'));
        $storage->appendToBatch($this->user, $c, $batch, [new ItemUpdate('a', 'second'), new ItemUpdate('b', sortIndex: 3)]);
        $storage->appendToBatch($this->user, $c, $batch, self::updates(c: 'third'));
        self::assertTrue($storage->hasBatch($this->user, $c, $batch));
        self::assertFalse($storage->hasBatch($this->user, 'other', $batch));
        self::assertSame(['a' => 'old', 'z' => 'stays'], self::payloads($storage, $this->user, $c), 'nothing is seen before');
        self::assertSame($before, $storage->getCollectionTimestamp($this->user, $c));

        $applied = $storage->applyBatch($this->user, $c, $batch);
        self::assertGreaterThan($before, $applied->stamp);
        self::assertSame(
            ['a' => 'second', 'b' => 'first', 'c' => 'third', 'z' => 'stays'],
            self::payloads($storage, $this->user, $c),
        );
        self::assertSame(3, $storage->getItem($this->user, $c, 'b')->sortIndex);
        self::assertSame($applied->stamp, $storage->getItem($this->user, $c, 'b')->modified, 'all at once');
        self::assertFalse($storage->hasBatch($this->user, $c, $batch));
        $this->assertThrows(BatchNotFoundException::class, fn () => $storage->applyBatch($this->user, $c, $batch));
        $this->assertThrows(BatchNotFoundException::class, fn () => $storage->appendToBatch($this->user, $c, $batch, []));
        self::assertFalse($this->isDirty($c));

        $one = $storage->createBatch($this->user, $c);
        $other = $storage->createBatch($this->user, $c, self::updates(a: 'never'));
        $storage->dropBatch($this->user, $c, $other);
        self::assertSame([true, false], [$storage->hasBatch($this->user, $c, $one), $storage->hasBatch($this->user, $c, $other)]);
        $this->now += Storage::BATCH_TTL * 1_000_000;
        self::assertFalse($storage->hasBatch($this->user, $c, $one), 'after two hours');
        $this->assertThrows(BatchNotFoundException::class, fn () => $storage->appendToBatch($this->user, $c, $one, []));
        $this->assertCacheIsDatabase($setup, [$c]);
    }

    /** @dataProvider setups */
    public function test_deletion(Setup $setup): void
    {
        [$storage, $c] = [$setup->open(), $setup->collection()];
        $storage->setItems($this->user, $c, self::updates(a: 'x', b: 'y'));
        $storage->getItems($this->user, $c);
        $batch = $storage->createBatch($this->user, $c, self::updates(a: 'z'));
        $storage->deleteCollection($this->user, $c);
        $this->assertThrows(CollectionNotFoundException::class, fn () => $storage->getItems($this->user, $c));
        self::assertSame([], $storage->getCollectionCounts($this->user));
        self::assertSame(0, $storage->getTotalSize($this->user));
        self::assertFalse($storage->hasBatch($this->user, $c, $batch));
        $storage->setItems($this->user, $c, self::updates(b: 'new'));
        self::assertSame(['b' => 'new'], self::payloads($storage, $this->user, $c), 'nothing of before comes back');
        $this->assertCacheIsDatabase($setup, [$c]);
    }

    /** @dataProvider setups */
    public function test_flush_all(Setup $setup): void
    {
        [$storage, $c] = [$setup->open(), $setup->collection()];
        self::assertSame(0, $storage->deleteStorage($this->user), 'a user who has nothing');
        foreach (['history', 'meta', 'tabs', 'crypto', 'clients'] as $collection) {
            $last = $storage->setItems($this->user, $collection, self::updates(a: $collection))->stamp;
            $storage->getItems($this->user, $collection);
        }
        $storage->setItems("$this->user-2", $c, self::updates(a: 'of another'));
        $batch = $storage->createBatch($this->user, $c);
        $stamp = $storage->deleteStorage($this->user);
        self::assertGreaterThan($last, $stamp);
        self::assertSame($stamp, $storage->getTimestamp($this->user));
        self::assertSame([], $storage->getCollectionTimestamps($this->user));
        self::assertSame(0, $storage->getTotalSize($this->user));
        self::assertFalse($storage->hasBatch($this->user, $c, $batch));
        foreach (['history', 'meta', 'tabs', 'crypto', 'clients'] as $collection) {
            $this->assertThrows(CollectionNotFoundException::class, fn () => $storage->getItems($this->user, $collection));
        }
        self::assertSame(['a' => 'of another'], self::payloads($storage, "$this->user-2", $c));
        self::assertGreaterThan($stamp, $storage->setItems($this->user, $c, self::updates(b: 'new'))->stamp);
        self::assertSame(['b' => 'new'], self::payloads($storage, $this->user, $c));
        $this->assertCacheIsDatabase($setup, [$c]);
    }

    /** @dataProvider setups */
    public function test_every_call_is_seen_by_other_connections(Setup $setup): void
    {
        [$one, $other, $c] = [$setup->open(), $setup->open(), $setup->collection()];
        for ($i = 0; $i < 5; $i++) {
            $one->setItems($this->user, $c, self::updates(a: "one $i"));
            self::assertSame(['a' => "one $i"], self::payloads($other, $this->user, $c));
            $stamp = $other->setItems($this->user, $c, self::updates(a: "other $i"))->stamp;
            self::assertSame(['a' => "other $i"], self::payloads($one, $this->user, $c));
            self::assertSame([$c => $stamp], $one->getCollectionTimestamps($this->user));
        }
    }

    /** @dataProvider setups */
    public function test_names_out_of_range_are_refused(Setup $setup): void
    {
        $storage = $setup->open();
        $this->assertThrows(\InvalidArgumentException::class, fn () => new ItemUpdate(str_repeat('x', 65)));
        $this->assertThrows(\InvalidArgumentException::class, fn () => new ItemUpdate(''));
        $this->assertThrows(\InvalidArgumentException::class, fn () => $storage->setItems('', $setup->collection(), []));
        $this->assertThrows(\InvalidArgumentException::class, fn () => $storage->setItems(str_repeat('x', 65), $setup->collection(), []));
        self::assertSame([], self::heldLocks(), 'no lock is left');
    }

    private function assertSeenByOthers(Setup $setup, array $payloads): void
    {
        self::assertSame($payloads, self::payloads($setup->open(), $this->user, $setup->collection()));
        if ($setup->kind !== Setup::CACHE_ONLY) {
            self::assertSame($payloads, self::payloads($setup->source(), $this->user, $setup->collection()));
        }
    }
}
