<?php

declare(strict_types=1);

namespace SharedCache\Tests\Flow;

use SharedCache\Index\BasicObjectMapper;
use SharedCache\Index\CachingObjectMapper;
use SharedCache\Index\Collation;
use SharedCache\Index\ConflictException;
use SharedCache\Index\Order;
use SharedCache\Index\PdoObjectStorage;
use SharedCache\Index\Sort;

/** Tables and mappers. */
final class StorageTest extends TestCase
{
    private Database $database;
    private PdoObjectStorage $storage;

    protected function setUp(): void
    {
        parent::setUp();
        $this->database = new Database(getenv('CACHE_TEST_FOLDER') . '/storage.sqlite');
        $this->database->exec('CREATE TABLE "odd ""name" (id INTEGER PRIMARY KEY, "group" TEXT, n INTEGER DEFAULT 7, x REAL)');
        $this->storage = new PdoObjectStorage($this->database, 'odd "name', ['id'], 'id');
    }

    public function testInsertReturnsWhatIsStored(): void
    {
        self::assertSame(['id' => 1, 'group' => 'a', 'n' => 7, 'x' => null], $this->storage->insert(['group' => 'a']));
        self::assertSame(['id' => 5, 'group' => null, 'n' => -1, 'x' => 0.5],
            $this->storage->insert(['id' => 5, 'group' => null, 'n' => -1, 'x' => 0.5]));
        self::assertSame([['id' => 5, 'group' => null, 'n' => -1, 'x' => 0.5]], $this->storage->findMulti([['group' => null]])[0]);
    }

    public function testManyQueriesOfOneStatement(): void
    {
        $this->database->exec('BEGIN');
        for ($i = 1; $i <= 1500; $i++) {
            $this->storage->insert(['group' => 'g' . $i % 10, 'n' => $i]);
        }
        $this->database->exec('COMMIT');
        $queries = array_map(static fn (int $id): array => ['id' => $id], range(1, 1500));
        foreach ([null, 1] as $limit) {
            $found = $this->storage->findMulti($queries, null, $limit);
            self::assertSame(range(1, 1500), array_map(static fn (array $rows): int => $rows[0]['id'], $found));
        }
        $found = $this->storage->findMulti(
            [['group' => 'g3'], ['group' => 'none'], ['group' => 'g1'], ['group' => null]],
            new Sort(['n'], Order::Desc, ['id']),
        );
        self::assertSame([150, 0, 150, 0], array_map(count(...), $found));
        self::assertSame([1493, 1483], array_slice(array_column($found[0], 'n'), 0, 2));
        $pages = $this->storage->findMulti([['group' => 'g3'], ['group' => 'g1']], new Sort(['n'], Order::Asc, ['id']), 2, 1);
        self::assertSame([[13, 23], [11, 21]], array_map(static fn (array $rows): array => array_column($rows, 'n'), $pages));
    }

    public function testWritesExpectTheRowThatWasRead(): void
    {
        $row = $this->storage->insert(['group' => null, 'x' => 0.25]);
        $changed = ['group' => 'new'] + $row;
        $this->storage->update($row, $changed);
        self::assertEquals([$changed], $this->storage->findMulti([['id' => 1]])[0]);
        foreach (['update' => [$row, ['n' => 0] + $row], 'remove' => [$row]] as $call => $arguments) {
            try {
                $this->storage->$call(...$arguments);
                self::fail($call);
            } catch (ConflictException) {
            }
        }
        $this->storage->update($changed, $changed);
        $this->storage->remove($changed);
        self::assertSame([[]], $this->storage->findMulti([['id' => 1]]));
        $this->expectException(\InvalidArgumentException::class);
        $this->storage->update($changed, ['id' => 2] + $changed);
    }

    public function testCollations(): void
    {
        self::assertSame(-1, Collation::Natural->compare(9, 10));
        self::assertGreaterThan(0, Collation::Natural->compare('9', '10'));
        self::assertLessThan(0, Collation::Digits->compare('9', '10'));
        self::assertSame(0, Collation::Digits->compare('10', '10'));
        foreach (Collation::cases() as $collation) {
            self::assertSame([-1, 1, 0], [$collation->compare(null, ''), $collation->compare('0', null), $collation->compare(null, null)]);
        }
    }

    public function testOneObjectForEachRowWhileSomebodyHasIt(): void
    {
        $made = 0;
        $mapper = new CachingObjectMapper(new BasicObjectMapper(
            static fn (object $object): array => (array) $object,
            static function (array $row) use (&$made): object {
                $made++;

                return (object) $row;
            },
        ), ['id']);
        $one = $mapper->fromStorageRow(['id' => 1, 'a' => 'x']);
        self::assertSame($one, $mapper->fromStorageRow(['a' => 'x', 'id' => 1]));
        self::assertNotSame($one, $mapper->fromStorageRow(['id' => 1, 'a' => 'y']), 'the row has changed');
        self::assertEquals(['id' => 1, 'a' => 'x'], $mapper->toStorageRow($one));
        for ($id = 2; $id < 3000; $id++) {
            $mapper->fromStorageRow(['id' => $id, 'a' => 'x']);
        }
        self::assertSame(3000, $made);
        $mapper->fromStorageRow(['id' => 2, 'a' => 'x']);
        self::assertSame(3001, $made, 'nobody had it any more');
        $mapper->clear();
        self::assertNotSame($one, $mapper->fromStorageRow(['id' => 1, 'a' => 'x']));
    }
}
