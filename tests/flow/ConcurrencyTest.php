<?php

declare(strict_types=1);

namespace SharedCache\Tests\Flow;

use SharedCache\Index\ConflictException;
use SharedCache\Index\Mode;

/** Several processes on the same buckets. */
final class ConcurrencyTest extends TestCase
{
    /** @dataProvider modes */
    public function testConcurrentInsertsLoseNothing(Mode $mode): void
    {
        $this->insertConcurrently($mode, 1000);
    }

    /** @dataProvider modes */
    public function testConcurrentInsertsGiveTheTrueTopK(Mode $mode): void
    {
        $this->insertConcurrently($mode, 20);
    }

    private function insertConcurrently(Mode $mode, int $limit): void
    {
        (new Wiki($mode, $limit))->ids(); // A list that is known from the beginning on.
        $commits = $this->inParallel(4, static function (int $number) use ($mode, $limit): array {
            $wiki = new Wiki($mode, $limit);
            // Merges take so long that they meet.
            $wiki->list->onApply = static fn () => usleep(mt_rand(0, 200));
            $done = 0;
            for ($i = 0; $i < 60; $i++) {
                $wiki->cache->begin();
                $wiki->post(1, ($i * 7919 + $number * 104729) % 5000);
                $done += (int) $wiki->cache->commit();
            }
            $wiki->list->metrics()->flush();

            return [$done, $wiki->lies()];
        });
        self::assertSame([60, 60, 60, 60], array_column($commits, 0));
        $wiki = new Wiki($mode, $limit);
        self::assertSame('240', (string) $wiki->database->query('SELECT count(*) FROM topic')->fetchColumn());
        if ($mode === Mode::UpdateInPlace) {
            self::assertSame($wiki->truth(), array_column($wiki->cached(), 'id'), 'the list in the cache, which nobody has filled');
            self::assertSame(1, $wiki->list->metrics()->report()['fills']);
        } else {
            self::assertNull($wiki->cached());
        }
        self::assertSame($wiki->truth(), $wiki->ids());
        self::assertSame([], $wiki->lies());
        self::assertSame(0, $wiki->list->metrics()->report()['failed']);
        self::assertCount(min($limit, 240), $wiki->cached());
    }

    public function testInsertsWithoutADatabaseNeverFailHoweverManyContend(): void
    {
        $index = static fn (): StoppingIndex => new StoppingIndex(
            new Cache(new \SharedCache\Pool('wiki')),
            (new Wiki())->storage,
            'bare',
            ['board'],
            ['updated'],
            limit: 1000,
        );
        $index()->find(['board' => 1]);
        $this->inParallel(4, static function (int $number) use ($index): void {
            $index = $index();
            for ($i = 0; $i < 200; $i++) {
                $id = $number * 200 + $i;
                $index->onAfterInsert(new \stdClass(), ['id' => $id, 'board' => 1, 'updated' => $id]);
            }
            $index->metrics()->flush();
        });
        self::assertSame(range(0, 799), array_column($index()->find(['board' => 1]), 'id'));
        self::assertSame(['stale' => 0, 'writes' => 800, 'failed' => 0],
            array_intersect_key($index()->metrics()->report(), ['stale' => 1, 'writes' => 1, 'failed' => 1]));
    }

    public function testAnInsertWithinAnotherOnesMergeIsNotLost(): void
    {
        $wiki = new Wiki();
        $wiki->ids();
        $calls = 0;
        $wiki->list->onApply = function () use (&$calls): void {
            if ($calls++ === 0) {
                // The merge has read the list, and has not stored it yet.
                self::assertNull($this->hear($this->fork(static function (): void {
                    (new Wiki())->post(1, 20);
                })));
            }
        };
        $wiki->post(1, 10);
        self::assertSame(2, $calls, 'the merge was run again');
        self::assertSame([20, 10], array_column($wiki->cached(), 'updated'));
        self::assertSame([], $wiki->lies());
    }

    /** The check that the other tests rely on does see a lost insert. */
    public function testAnInsertWithinAPlainFetchAndStoreIsLost(): void
    {
        $wiki = new Wiki();
        $wiki->ids();
        $rows = $wiki->cached();
        $wiki->post(1, 20);
        $wiki->pool->set($wiki->list->keyOf(['board' => 1]), [...$rows, ['id' => 2, 'updated' => 10]]);
        self::assertCount(1, $wiki->lies());
    }

    /** @dataProvider modes */
    public function testInsertRemoveAndReplaceConcurrentlyEqualTheDatabase(Mode $mode): void
    {
        $wiki = new Wiki($mode);
        for ($i = 1; $i <= 12; $i++) {
            $wiki->post($i % 3, $i, slug: "slug $i");
        }
        $results = $this->inParallel(4, static function (int $number) use ($mode): array {
            mt_srand($number);
            $wiki = new Wiki($mode);
            $done = ['insert' => 0, 'remove' => 0, 'replace' => 0, 'conflict' => 0, 'wrong' => 0];
            for ($i = 0; $i < 150; $i++) {
                $board = mt_rand(0, 2);
                $found = $wiki->topics->find(['board' => $board]);
                $topic = $found ? $found[mt_rand(0, count($found) - 1)] : null;
                $what = ['insert', 'remove', 'replace', 'replace', 'replace'][mt_rand(0, $topic ? 4 : 0)];
                try {
                    if ($what === 'insert') {
                        $wiki->post($board, mt_rand(1, 1000), slug: "slug $number $i");
                    } elseif ($what === 'remove') {
                        $wiki->topics->remove($topic);
                    } else {
                        $topic->updated = mt_rand(1, 1000);
                        $topic->board = mt_rand(0, 2);
                        $topic->title = "title $number $i";
                        $wiki->topics->put($topic);
                    }
                    $done[$what]++;
                } catch (ConflictException) {
                    $done['conflict']++;
                }
            }

            return $done;
        });
        foreach ($results as $done) {
            self::assertGreaterThan(0, $done['insert'] * $done['remove'] * $done['replace']);
        }
        $wiki = new Wiki($mode);
        self::assertSame([], $wiki->lies());
        foreach ([0, 1, 2] as $board) {
            self::assertSame($wiki->truth($board), $wiki->ids($board));
            self::assertSame($wiki->truth($board), array_column($wiki->cached($board), 'id'));
        }
        self::assertSame([], $wiki->lies());
        foreach ($wiki->pool->walk('index:', values: true) as $entry) {
            self::assertArrayNotHasKey('dirty', $entry['value'], 'nobody has left a mark');
        }
    }

    /** @dataProvider modes */
    public function testTwoWritersOfOneRowInTheOrderOppositeToTheDatabase(Mode $mode): void
    {
        $wiki = new Wiki($mode);
        $topic = $wiki->post(1, 1, 'first');
        $wiki->ids();
        // The first one has committed in the database, not yet in the cache; the second one does both.
        $first = $this->fork(function (callable $say, callable $wait) use ($mode, $topic): void {
            $wiki = new Wiki($mode);
            $mine = $wiki->topics->get($topic->id);
            $mine->title = 'second';
            $wiki->database->afterCommit = static function () use ($say, $wait): void {
                $say('committed');
                $wait();
            };
            $wiki->topics->put($mine);
        });
        self::assertSame('committed', $this->hear($first));
        $wiki = new Wiki($mode);
        $mine = $wiki->topics->get($topic->id);
        self::assertSame('second', $mine->title, 'read from the database, since the bucket is dirty');
        $mine->title = 'third';
        $wiki->topics->put($mine);
        self::assertSame('third', (new Wiki($mode))->topics->get($topic->id)->title);
        $this->letGo($first);
        self::assertNull($this->hear($first));
        self::assertSame([], $wiki->lies());
        self::assertSame('third', (new Wiki($mode))->topics->get($topic->id)->title);
        self::assertSame([], $wiki->lies());
    }

    /** @dataProvider modes */
    public function testTwoMovesOfOneRowInTheOrderOppositeToTheDatabase(Mode $mode): void
    {
        $wiki = new Wiki($mode, limit: 3);
        // A full list: that a row is not where it was before tells nothing.
        foreach ([1, 55, 0] as $updated) {
            $wiki->post(1, $updated);
        }
        $wiki->ids();
        $first = $this->fork(static function (callable $say, callable $wait) use ($mode): void {
            $wiki = new Wiki($mode, limit: 3);
            $mine = $wiki->topics->get(1);
            $mine->updated = 50;
            $wiki->database->afterCommit = static function () use ($say, $wait): void {
                $say('committed');
                $wait();
            };
            $wiki->topics->put($mine);
        });
        self::assertSame('committed', $this->hear($first));
        $mine = (new Wiki($mode, limit: 3))->topics;
        $topic = $mine->get(1);
        $topic->updated = 60;
        $mine->put($topic);
        self::assertFalse($wiki->cached(), 'nobody knows the order');
        $this->letGo($first);
        self::assertNull($this->hear($first));
        self::assertSame([], $wiki->lies());
        self::assertSame([1, 2, 3], $wiki->ids());
        self::assertSame([60, 55, 0], array_column($wiki->cached(), 'updated'));
    }

    /** @dataProvider modes */
    public function testInsertsOfDifferentRowsInTheOrderOppositeToTheDatabase(Mode $mode): void
    {
        $wiki = new Wiki($mode);
        $wiki->ids();
        $first = $this->fork(static function (callable $say, callable $wait) use ($mode): void {
            $wiki = new Wiki($mode);
            $wiki->database->afterCommit = static function () use ($say, $wait): void {
                $say('committed');
                $wait();
            };
            $wiki->post(1, 10);
        });
        self::assertSame('committed', $this->hear($first));
        $wiki->post(1, 20);
        self::assertFalse($wiki->cached());
        self::assertSame([2, 1], $wiki->ids(), 'from the database');
        $this->letGo($first);
        self::assertNull($this->hear($first));
        self::assertSame($mode === Mode::UpdateInPlace ? [20, 10] : null, $wiki->cached() ? array_column($wiki->cached(), 'updated') : null);
        self::assertSame([2, 1], $wiki->ids());
    }

    /** @dataProvider modes */
    public function testAFillThatRacesAWriteNeverLands(Mode $mode): void
    {
        $wiki = new Wiki($mode);
        $wiki->post(1, 1);
        $reader = $this->reader($mode);
        self::assertSame('has read', $this->hear($reader));
        $wiki->post(1, 2);
        $this->letGo($reader);
        self::assertSame([[1], 0, 1], $this->hear($reader), 'it shows what was there when it read; its fill is lost');
        self::assertNotEquals([1], array_column($wiki->cached() ?: [], 'id'));
        self::assertSame([2, 1], (new Wiki($mode))->ids());
        self::assertSame([], $wiki->lies());
    }

    /** @dataProvider modes */
    public function testAFillThatRacesAWriterThatDiesNeverLands(Mode $mode): void
    {
        $wiki = new Wiki($mode);
        $wiki->post(1, 1);
        $reader = $this->reader($mode);
        self::assertSame('has read', $this->hear($reader));
        $writer = $this->fork(static function (callable $say) use ($mode): void {
            $wiki = new Wiki($mode);
            $wiki->database->afterCommit = self::killSelf(...);
            $wiki->post(1, 2);
        });
        pcntl_waitpid($writer, $status);
        $this->letGo($reader);
        self::assertSame([[1], 0, 1], $this->hear($reader));
        self::assertSame([2, 1], (new Wiki($mode))->ids());
        self::assertSame([2, 1], array_column($wiki->cached(), 'id'));
        self::assertSame([], $wiki->lies());
    }

    /** A process that stops between its read of the database and its fill. @return int it says its list, fills, and lost fills */
    private function reader(Mode $mode): int
    {
        return $this->fork(static function (callable $say, callable $wait) use ($mode): array {
            $wiki = new Wiki($mode);
            $wiki->storage->afterRead = static function () use ($say, $wait): void {
                $say('has read');
                $wait();
            };
            $found = $wiki->list->find(['board' => 1]);
            $report = $wiki->list->metrics()->report();

            return [array_column($found, 'id'), $report['fills'], $report['lost']];
        });
    }

    /** @dataProvider modes */
    public function testARowThatIsNotCommittedIsNotFilled(Mode $mode): void
    {
        $wiki = new Wiki($mode);
        $wiki->cache->begin();
        $wiki->post(1, 1);
        self::assertSame([1], $wiki->ids());
        self::assertSame([1], array_column($wiki->primary->find(['id' => 1]), 'id'));
        self::assertNull($wiki->cached());
        $wiki->cache->rollback();
        self::assertSame([], $wiki->ids());
        self::assertSame([], $wiki->lies());
    }

    /** @dataProvider modes */
    public function testATransactionOfTheStoragesOwnConnectionIsNoSourceOfFills(Mode $mode): void
    {
        $wiki = new Wiki($mode);
        $apart = new Cache($wiki->pool);
        $index = new StoppingIndex($apart, $wiki->storage, 'list', ['board'], ['updated'], \SharedCache\Index\Order::Desc, 5,
            new \SharedCache\Index\UniqueFeatureIndex($apart, $wiki->storage, 'topic', ['id']), mode: $mode);
        $wiki->database->beginTransaction();
        $wiki->database->exec('INSERT INTO topic VALUES (1, 1, 1, "title", null)');
        self::assertCount(1, $index->find(['board' => 1]));
        self::assertNull($wiki->cached());
        $wiki->database->rollBack();
        self::assertSame([], $index->find(['board' => 1]));
        self::assertSame([], $wiki->cached());
    }

    /** @dataProvider modes */
    public function testATransactionOfTheApplicationIsNoSourceOfFills(Mode $mode): void
    {
        $wiki = new Wiki($mode);
        $wiki->database->beginTransaction();
        $wiki->database->exec('INSERT INTO topic VALUES (1, 1, 1, "title", null)');
        self::assertTrue($wiki->database->inTransaction());
        self::assertSame([1], $wiki->ids());
        self::assertNull($wiki->cached());
        $wiki->database->rollBack();
        self::assertSame([], $wiki->ids());
        self::assertSame([], $wiki->cached());
    }
}
