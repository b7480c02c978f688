<?php

declare(strict_types=1);

namespace SharedCache\Tests\Flow;

use SharedCache\Index\BufferedCache;
use SharedCache\Index\ConflictException;
use SharedCache\Index\FindOptions;
use SharedCache\Index\Mode;
use SharedCache\Index\TopKIndex;
use SharedCache\Pool;

/** Transactions. */
final class BufferTest extends TestCase
{
    /** @dataProvider modes */
    public function testNothingIsVisibleBeforeTheCommit(Mode $mode): void
    {
        $wiki = $this->prepared($mode);
        $before = $this->contents($wiki);
        $wiki->cache->begin();
        $wiki->post(1, 3);
        $topic = $wiki->topics->get(1);
        $topic->title = 'new';
        $wiki->topics->put($topic);
        $wiki->topics->remove($wiki->topics->get(2));
        self::assertSame($before, $this->contents($wiki));
        $others = static fn (): array => [(new Wiki($mode))->ids(), (new Wiki($mode))->topics->get(1)->title];
        self::assertSame([[2, 1], 'old'], $this->hear($this->fork($others)));
        self::assertTrue($wiki->cache->commit());
        self::assertSame([[3, 1], 'new'], $this->hear($this->fork($others)));
        self::assertSame([], $wiki->lies());
    }

    /** @dataProvider modes */
    public function testOwnReadsSeeOwnWritesAlsoAfterADeleteInAMultiGet(Mode $mode): void
    {
        $wiki = $this->prepared($mode);
        $wiki->cache->begin();
        $three = $wiki->post(1, 3);
        self::assertSame([3, 2, 1], $wiki->ids());
        $wiki->topics->remove($wiki->topics->get(2));
        self::assertSame([3, 1], $wiki->ids());
        $titles = static fn (): array => array_map(
            static fn (?Topic $topic): ?string => $topic?->title,
            $wiki->topics->getMulti([1, 2, 3]),
        );
        self::assertSame(['old', null, 'title'], $titles());
        $three->title = 'changed';
        $wiki->topics->put($three);
        self::assertSame(['old', null, 'changed'], $titles());
        $wiki->topics->remove($three);
        self::assertSame(['old', null, null], $titles());
        self::assertSame([1], $wiki->ids());
        $wiki->cache->commit();
        self::assertSame(['old', null, null], $titles());
        self::assertSame([1], $wiki->ids());
        self::assertSame([], $wiki->lies());
    }

    /** @dataProvider modes */
    public function testOwnReadsOfBucketsThatAreMissingAskTheDatabase(Mode $mode): void
    {
        $wiki = $this->prepared($mode);
        $wiki->pool->clear();
        $wiki->cache->begin();
        $wiki->post(1, 3);
        self::assertSame([3, 2, 1], $wiki->ids(), 'a row that is added is not all there is');
        $wiki->topics->remove($wiki->topics->get(1));
        self::assertSame([3, 2], $wiki->ids());
        self::assertSame(0, $wiki->pool->count('index:'));
        $wiki->cache->commit();
        self::assertSame([3, 2], $wiki->ids());
        self::assertSame([], $wiki->lies());
    }

    /** @dataProvider modes */
    public function testRollbackLeavesTheCacheAlone(Mode $mode): void
    {
        $wiki = $this->prepared($mode);
        $before = $this->contents($wiki);
        $wiki->cache->begin();
        $new = $wiki->post(1, 3);
        $topic = $wiki->topics->get(1);
        $topic->title = 'new';
        $wiki->topics->put($topic);
        $wiki->topics->remove($wiki->topics->get(2));
        $wiki->cache->rollback();
        self::assertSame($before, $this->contents($wiki), 'down to the tokens');
        self::assertSame([2, 1], $wiki->ids());
        self::assertNull($wiki->topics->rowOf($new), 'the object is new again');
        self::assertSame('old', $wiki->topics->rowOf($topic)['title']);
        $wiki->topics->put($topic);
        self::assertSame('new', (new Wiki($mode))->topics->get(1)->title, 'it can be put again');
    }

    /** @dataProvider modes */
    public function testAnExceptionRollsBack(Mode $mode): void
    {
        $wiki = $this->prepared($mode);
        $before = $this->contents($wiki);
        try {
            $wiki->cache->transactional(static function () use ($wiki): void {
                $wiki->post(1, 3);
                throw new \DomainException('no');
            });
            self::fail('committed');
        } catch (\DomainException) {
        }
        self::assertFalse($wiki->cache->isActive());
        self::assertSame($before, $this->contents($wiki));
        self::assertSame(2, (int) $wiki->database->query('SELECT count(*) FROM topic')->fetchColumn());
    }

    /** @dataProvider modes */
    public function testACommitThatTheDatabaseRefusesLeavesTheCacheAlone(Mode $mode): void
    {
        $wiki = $this->prepared($mode);
        $wiki->database->beforeCommit = static fn () => throw new \RuntimeException('full disk');
        $wiki->cache->begin();
        $wiki->post(1, 3);
        try {
            $wiki->cache->commit();
            self::fail('committed');
        } catch (\RuntimeException $error) {
            self::assertSame('full disk', $error->getMessage());
        }
        self::assertFalse($wiki->cache->isActive());
        if ($mode === Mode::UpdateInPlace) {
            self::assertSame([2, 1], array_column($wiki->cached(), 'id'), 'it is clean again');
        }
        self::assertSame([2, 1], $wiki->ids());
        self::assertSame([2, 1], array_column($wiki->cached(), 'id'));
    }

    /** @dataProvider modes */
    public function testACommitOfWhichNobodyKnowsWhetherItHappenedLeavesADirtyBucket(Mode $mode): void
    {
        $wiki = $this->prepared($mode);
        // The database has committed; its answer is lost, and so is the connection.
        $wiki->database->afterCommit = static fn () => throw new \RuntimeException('gone away');
        $wiki->cache->begin();
        $wiki->post(1, 3);
        try {
            $wiki->cache->commit();
            self::fail('committed');
        } catch (\RuntimeException $error) {
            self::assertSame('gone away', $error->getMessage());
        }
        self::assertFalse($wiki->cached());
        self::assertSame([3, 2, 1], (new Wiki($mode))->ids());
        self::assertSame([3, 2, 1], array_column($wiki->cached(), 'id'));
        self::assertSame([], $wiki->lies());
    }

    public function testAFailedCommitOfTheCacheRemovesEveryKeyItWrote(): void
    {
        $wiki = $this->prepared(Mode::UpdateInPlace);
        $wiki->cache->begin();
        $wiki->post(1, 3);
        $topic = $wiki->topics->get(1);
        $topic->title = str_repeat('too large for any cache', 8_000_000);
        $wiki->topics->put($topic);
        $four = $wiki->post(1, 4);
        self::assertFalse($wiki->cache->commit());
        self::assertFalse($wiki->cache->isActive());
        foreach ([1, 3, 4] as $id) {
            self::assertNull($wiki->pool->get($wiki->primary->keyOf(['id' => $id])), "topic $id");
        }
        self::assertNull($wiki->cached());
        self::assertSame('4', (string) $wiki->database->query('SELECT count(*) FROM topic')->fetchColumn(), 'the database has committed');
        self::assertSame(3, $wiki->primary->metrics()->report()['failed']);
        self::assertSame([], $wiki->lies());
        unset($topic);
        self::assertSame([4, 3, 2], $wiki->ids(limit: 3));
        $wiki->topics->remove($four);
        self::assertSame([], $wiki->lies());
    }

    /** @dataProvider modes */
    public function testABucketThatWasDeletedWhileItWasMarkedIsNotWritten(Mode $mode): void
    {
        foreach (['evicted', 'cleared', 'stale'] as $number => $fate) {
            Wiki::reset();
            $wiki = $this->prepared($mode);
            $wiki->database->afterCommit = function () use ($wiki, $fate, $mode): void {
                match ($fate) {
                    'evicted' => $wiki->pool->deleteByPrefix('index:'),
                    'cleared' => $wiki->pool->clear(),
                    'stale' => $wiki->pool->markAllStale(),
                };
                // Somebody fills it with rows that may be old.
                $wiki->pool->set($wiki->list->keyOf(['board' => 1]), [['id' => 2, 'updated' => 2], ['id' => 1, 'updated' => 1]]);
            };
            $wiki->post(1, 3);
            self::assertNull($wiki->cached(), $fate);
            self::assertSame([3, 2, 1], $wiki->ids(), $fate);
            self::assertSame([], $wiki->lies(), $fate);
        }
    }

    /** @dataProvider modes */
    public function testATransactionOfAFramework(Mode $mode): void
    {
        $wiki = $this->prepared($mode);
        $post = static function (callable $end) use ($wiki): void {
            $wiki->database->exec('BEGIN IMMEDIATE');
            $wiki->cache->join();
            $wiki->post(1, 3);
            self::assertSame(3, $wiki->ids()[0]);
            $end();
        };
        $post(function () use ($wiki): void {
            $wiki->cache->prepare();
            self::assertFalse($wiki->cached());
            $wiki->database->exec('ROLLBACK');
            $wiki->cache->rollback();
        });
        self::assertSame([2, 1], $wiki->ids());
        $post(static function () use ($wiki): void {
            $wiki->cache->prepare();
            $wiki->database->exec('COMMIT');
            self::assertTrue($wiki->cache->finish());
        });
        self::assertSame([3, 2, 1], $wiki->ids());
        self::assertSame([], $wiki->lies());
    }

    public function testCallsOutOfOrder(): void
    {
        $wiki = new Wiki();
        foreach (['commit', 'rollback', 'prepare', 'finish'] as $call) {
            try {
                $wiki->cache->$call();
                self::fail("$call without begin");
            } catch (\LogicException) {
            }
        }
        $wiki->cache->begin();
        $wiki->cache->prepare();
        try {
            $wiki->cache->begin();
            self::fail('begun twice');
        } catch (\LogicException) {
        }
        $wiki->post(1, 1);
        $wiki->cache->prepare();
        try {
            $wiki->post(1, 2);
            self::fail('too late');
        } catch (\LogicException) {
        }
        $wiki->cache->rollback();
        self::assertSame([], $wiki->ids());
        self::assertSame([], $wiki->lies());
    }

    /** @dataProvider modes */
    public function testAWriterOfOldRowsIsToldSo(Mode $mode): void
    {
        $wiki = $this->prepared($mode);
        $mine = $wiki->topics->get(1);
        $theirs = (new Wiki($mode))->topics;
        $other = $theirs->get(1);
        $other->updated = 50;
        $theirs->put($other);
        $mine->title = 'mine';
        foreach ([fn () => $wiki->topics->put($mine), fn () => $wiki->topics->remove($mine)] as $write) {
            try {
                $write();
                self::fail('an update is lost');
            } catch (ConflictException) {
            }
        }
        self::assertFalse($wiki->cache->isActive());
        self::assertSame([1, 2], $wiki->ids());
        $mine = $wiki->topics->get(1);
        $mine->title = 'mine';
        $wiki->topics->put($mine);
        self::assertSame([50, 'mine'], [$wiki->topics->get(1)->updated, $wiki->topics->get(1)->title]);
        self::assertSame([], $wiki->lies());
    }

    /** @dataProvider modes */
    public function testChangesWithoutATransactionAreMadeAtOnce(Mode $mode): void
    {
        $wiki = new Wiki($mode);
        $pool = $wiki->pool;
        $create = static fn (array $row): bool => $row['id'] === 1;
        $index = new TopKIndex(new BufferedCache($pool), $wiki->storage, 'bare', ['board'], ['updated'], limit: 2, create: $create,
            mode: $mode);
        $key = $index->keyOf(['board' => 1]);
        $row = static fn (int $id): array => ['board' => 1, 'id' => $id, 'updated' => 10 * $id];
        $ids = static fn (): ?array => $pool->get($key) === null ? null : array_column($pool->get($key), 'id');
        $inserted = static function (int ...$new) use ($index, $row, $ids): ?array {
            foreach ($new as $id) {
                $index->onAfterInsert(new \stdClass(), $row($id));
            }

            return $ids();
        };
        self::assertNull($inserted(2), 'nothing begins');
        $lease = $pool->lease($key);
        self::assertNull($inserted(2));
        self::assertFalse($lease->commit([]), 'a fill that was under way does not land');
        $inPlace = $mode === Mode::UpdateInPlace;
        self::assertSame($inPlace ? [1] : null, $inserted(1));
        self::assertSame($inPlace ? [1, 3] : null, $inserted(3));
        $pool->set($key, [$row(1), $row(3)]);
        $token = $pool->info($key)['version'];
        self::assertSame($inPlace ? [1, 3] : null, $inserted(4), 'it does not fit');
        if ($inPlace) {
            self::assertSame($token, $pool->info($key)['version'], 'nothing was written');
            $index->onAfterRemove(new \stdClass(), $row(3));
            self::assertNull($ids(), 'nobody knows what comes behind');
        }
        // While somebody else commits the same row.
        $pool->set($key, [$row(1)]);
        $other = new BufferedCache($pool);
        $other->join();
        $other->change($key, $index, new \SharedCache\Index\RowChange('1:3', null, $row(3)));
        $other->prepare();
        self::assertFalse($index->metrics()->report()['failed'] > 0);
        $inserted(3);
        self::assertArrayHasKey('dirty', $pool->get($key));
        $other->finish();
        self::assertNull($ids());
    }

    public function testPurge(): void
    {
        $wiki = $this->prepared(Mode::UpdateInPlace);
        $wiki->database->exec("UPDATE topic SET title = 'by hand' WHERE id = 1");
        self::assertSame('old', $wiki->topics->get(1)->title);
        $wiki->topics->cachePurge($wiki->topics->get(1));
        self::assertSame('by hand', $wiki->topics->get(1)->title);
    }

    public function testWithoutACacheTheDatabaseAnswers(): void
    {
        $code = <<<'PHP'
            require getenv('TEST_LIBRARY') . '/php_src/autoload.php';
            require getenv('TEST_LIBRARY') . '/tests/flow/bootstrap.php';
            $wiki = new SharedCache\Tests\Flow\Wiki();
            $one = $wiki->post(1, 1);
            $wiki->post(1, 2);
            $one->updated = 3;
            $wiki->topics->put($one);
            echo json_encode([SharedCache\Pool::isEnabled(), $wiki->ids(), $wiki->topics->get(1)->updated]);
            PHP;
        $command = [getenv('CACHE_TEST_PHP'), '-n', '-d', 'extension=pdo.so', '-d', 'extension=pdo_sqlite.so', '-d',
            'extension=' . getenv('CACHE_TEST_EXTENSION'), '-d', 'cache.enable=0', '-r', $code];
        $process = proc_open($command, [1 => ['pipe', 'w']], $pipes, null, [
            'TEST_LIBRARY' => dirname(__DIR__, 2),
            'CACHE_TEST_FOLDER' => getenv('CACHE_TEST_FOLDER'),
        ]);
        self::assertSame('[false,[1,2],3]', stream_get_contents($pipes[1]));
        proc_close($process);
    }

    private function prepared(Mode $mode): Wiki
    {
        $wiki = new Wiki($mode);
        $wiki->post(1, 1, 'old');
        $wiki->post(1, 2);
        self::assertSame([2, 1], $wiki->ids());
        $wiki->topics->getMulti([1, 2]);
        $wiki->primary->metrics()->reset();

        return $wiki;
    }

    /** The tokens and values of all buckets. */
    private function contents(Wiki $wiki): array
    {
        $contents = [];
        foreach ($wiki->pool->walk('index:', values: true) as $key => $entry) {
            $contents[$key] = [$entry['version'], $entry['value']];
        }
        ksort($contents);
        self::assertNotSame([], $contents);

        return $contents;
    }
}
