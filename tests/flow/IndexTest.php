<?php

declare(strict_types=1);

namespace SharedCache\Tests\Flow;

use SharedCache\Index\BufferedCache;
use SharedCache\Index\Collation;
use SharedCache\Index\FindOptions;
use SharedCache\Index\Mode;
use SharedCache\Index\Order;
use SharedCache\Index\PdoObjectStorage;
use SharedCache\Index\Sort;
use SharedCache\Index\TopKIndex;
use SharedCache\Index\UniqueFeatureIndex;
use SharedCache\Pool;

/** What the buckets hold, and what is found. */
final class IndexTest extends TestCase
{
    /** @dataProvider modes */
    public function testAppendToAnAbsentBucketCreatesNothing(Mode $mode): void
    {
        $wiki = new Wiki($mode);
        $wiki->post(1, 1);
        self::assertNull($wiki->cached());
        self::assertSame(0, $wiki->list->metrics()->report()['entries']);
    }

    public function testUnlessTheRowBeginsTheBucket(): void
    {
        $wiki = new Wiki(create: static fn (array $row): bool => $row['title'] === 'first');
        $wiki->post(1, 7, 'first');
        self::assertSame([['id' => 1, 'updated' => 7]], $wiki->cached());
        $wiki->post(2, 8);
        self::assertNull($wiki->cached(2));
        $wiki->post(1, 9);
        $wiki->storage->calls = [];
        self::assertSame([3, 1], $wiki->ids());
        self::assertSame([], $wiki->storage->calls, 'all from the cache');
        self::assertSame([], $wiki->lies());
    }

    public function testABucketThatWasBegunAndRolledBackIsNotThere(): void
    {
        $wiki = new Wiki(create: static fn (array $row): bool => true);
        $wiki->database->beforeCommit = static fn () => throw new \RuntimeException('full disk');
        try {
            $wiki->post(1, 7);
            self::fail('committed');
        } catch (\RuntimeException $error) {
            self::assertSame('full disk', $error->getMessage());
        }
        self::assertNull($wiki->cached());
    }

    public function testInvalidateAndFillCreatesNothing(): void
    {
        $wiki = new Wiki(Mode::InvalidateAndFill, create: static fn (array $row): bool => true);
        $wiki->post(1, 7);
        self::assertNull($wiki->cached());
    }

    /** @dataProvider modes */
    public function testAnEmptyListIsAHit(Mode $mode): void
    {
        $wiki = new Wiki($mode);
        self::assertSame([], $wiki->ids());
        self::assertSame([], $wiki->cached());
        self::assertNull($wiki->topics->get(17));
        $wiki->storage->calls = [];
        self::assertSame([], $wiki->ids());
        self::assertNull($wiki->topics->get(17));
        self::assertSame([], $wiki->storage->calls);
        self::assertSame(1, $wiki->list->metrics()->report()['hits']);
        $wiki->topics->put(new Topic(17, 1, 1));
        self::assertSame([17], $wiki->ids());
        self::assertSame(17, $wiki->topics->get(17)->id);
    }

    /** @dataProvider modes */
    public function testARowThatDoesNotFitChangesNothing(Mode $mode): void
    {
        $wiki = new Wiki($mode, limit: 3);
        foreach ([10, 20, 30] as $updated) {
            $wiki->post(1, $updated);
        }
        self::assertSame([3, 2, 1], $wiki->ids());
        $wiki->post(1, 5);
        if ($mode === Mode::UpdateInPlace) {
            self::assertSame([30, 20, 10], array_column($wiki->cached(), 'updated'));
        }
        $wiki->post(1, 15);
        self::assertSame([3, 2, 5], $wiki->ids());
        self::assertSame([], $wiki->lies());
    }

    /** @dataProvider modes */
    public function testUnderflowOfATruncatedListDropsTheBucket(Mode $mode): void
    {
        $wiki = new Wiki($mode, limit: 3);
        foreach ([10, 20, 30, 40] as $updated) {
            $wiki->post(1, $updated);
        }
        self::assertSame([4, 3, 2], $wiki->ids());
        $wiki->topics->remove($wiki->topics->get(3));
        self::assertNull($wiki->cached());
        self::assertSame([4, 2, 1], $wiki->ids());
        // Now it may lack nothing any more; but nobody knows that: it is full.
        $wiki->topics->remove($wiki->topics->get(1));
        self::assertNull($wiki->cached());
        self::assertSame([4, 2], $wiki->ids());
        // It is complete: what is removed needs no read.
        $wiki->topics->remove($wiki->topics->get(4));
        self::assertSame($mode === Mode::UpdateInPlace ? [2] : null, $this->idsOf($wiki->cached()));
        self::assertSame([2], $wiki->ids());
    }

    /** @dataProvider modes */
    public function testARowThatSinksBelowATruncatedListDropsTheBucket(Mode $mode): void
    {
        $wiki = new Wiki($mode, limit: 3);
        foreach ([10, 20, 30, 40] as $updated) {
            $wiki->post(1, $updated);
        }
        self::assertSame([4, 3, 2], $wiki->ids());
        $move = static function (int $id, int $updated) use ($wiki): void {
            $topic = $wiki->topics->get($id);
            $topic->updated = $updated;
            $wiki->topics->put($topic);
        };
        $move(4, 25); // among those that are known
        self::assertSame($mode === Mode::UpdateInPlace ? [3, 4, 2] : null, $this->idsOf($wiki->cached()));
        self::assertSame([3, 4, 2], $wiki->ids());
        $move(1, 5); // below, from below
        self::assertSame($mode === Mode::UpdateInPlace ? [3, 4, 2] : null, $this->idsOf($wiki->cached()));
        self::assertSame([3, 4, 2], $wiki->ids());
        $move(1, 26); // from below
        self::assertSame($mode === Mode::UpdateInPlace ? [3, 1, 4] : null, $this->idsOf($wiki->cached()));
        self::assertSame([3, 1, 4], $wiki->ids());
        $move(3, 1); // out of it
        self::assertNull($wiki->cached());
        self::assertSame([1, 4, 2], $wiki->ids());
        self::assertSame([], $wiki->lies());
    }

    /** @dataProvider modes */
    public function testAMovedRowUpdatesBothBuckets(Mode $mode): void
    {
        $wiki = new Wiki($mode);
        $topic = $wiki->post(1, 1, slug: 'old');
        $wiki->post(2, 2);
        self::assertSame([[1], [2]], [$wiki->ids(1), $wiki->ids(2)]);
        self::assertSame(1, $wiki->topics->find(['slug' => 'old'])[0]->id);
        self::assertSame([], $wiki->topics->find(['slug' => 'new']));
        $topic->board = 2;
        $topic->slug = 'new';
        $wiki->topics->put($topic);
        if ($mode === Mode::UpdateInPlace) {
            self::assertSame([[], [2, 1]], [$this->idsOf($wiki->cached(1)), $this->idsOf($wiki->cached(2))]);
        }
        self::assertSame([], $wiki->lies());
        self::assertSame([[], [2, 1]], [$wiki->ids(1), $wiki->ids(2)]);
        self::assertSame([], $wiki->topics->find(['slug' => 'old']));
        self::assertSame(1, $wiki->topics->find(['slug' => 'new'])[0]->id);
        self::assertSame([], $wiki->lies());
    }

    public function testASecondaryBucketHoldsThePrimaryKeyAndTheSortColumnsOnly(): void
    {
        $wiki = new Wiki();
        $wiki->post(1, 5, 'filled', 'a');
        $wiki->ids();
        $wiki->post(1, 6, 'added', 'b');
        self::assertSame([['id' => 2, 'updated' => 6], ['id' => 1, 'updated' => 5]], $wiki->cached());
        self::assertSame([['id' => 2]], $wiki->pool->get($wiki->slugs->keyOf(['slug' => 'b'])));
        self::assertSame(
            [['board' => 1, 'id' => 2, 'slug' => 'b', 'title' => 'added', 'updated' => 6]],
            $wiki->pool->get($wiki->primary->keyOf(['id' => 2])),
            'the primary bucket is a list, too, of one full row',
        );
    }

    public function testALookUpCostsTwoMultiGetsHoweverManyQueries(): void
    {
        $wiki = new Wiki();
        for ($i = 1; $i <= 30; $i++) {
            $wiki->post($i % 10, $i);
        }
        $queries = array_map(static fn (int $board): array => ['board' => $board], range(0, 9));
        $options = new FindOptions(limit: 5);
        $wiki->topics->findMulti($queries, $options);
        foreach ([1, 10] as $count) {
            $wiki->cache->reads = $wiki->storage->calls = [];
            $found = $wiki->topics->findMulti(array_slice($queries, 0, $count), $options);
            self::assertCount($count, $found);
            self::assertSame([$count, 3 * $count], $wiki->cache->reads);
            self::assertSame([], $wiki->storage->calls);
        }
        self::assertSame([[30, 20, 10], [21, 11, 1]], array_map(
            static fn (array $topics): array => array_column($topics, 'id'),
            array_slice($found, 0, 2),
        ));
    }

    public function testALookUpIsTwoCallsOfTheExtension(): void
    {
        $wiki = new Wiki();
        for ($i = 1; $i <= 30; $i++) {
            $wiki->post($i % 10, $i);
        }
        $wiki->topics->findMulti(array_map(static fn (int $board): array => ['board' => $board], range(0, 9)));
        $code = <<<'PHP'
            require getenv('TEST_LIBRARY') . '/tests/flow/bootstrap.php';
            require getenv('TEST_LIBRARY') . '/tests/php/support/NativeCalls.php';
            SharedCache\Tests\NativeCalls::watch();
            $wiki = new SharedCache\Tests\Flow\Wiki();
            SharedCache\Tests\NativeCalls::$names = [];
            $lists = $wiki->list->findMulti(array_map(static fn (int $board): array => ['board' => $board], range(0, 9)));
            echo count(array_merge(...$lists)), ' ', implode(' ', SharedCache\Tests\NativeCalls::$names);
            exit((int) ($wiki->storage->calls !== []));
            PHP;
        $command = [getenv('CACHE_TEST_PHP'), '-n'];
        foreach (['pdo.so', 'pdo_sqlite.so', getenv('CACHE_TEST_EXTENSION')] as $extension) {
            array_push($command, '-d', "extension=$extension");
        }
        array_push($command, '-d', 'cache.enable_cli=1', '-d', 'cache.segment=' . getenv('CACHE_TEST_SEGMENT'), '-r', $code);
        $environment = ['TEST_LIBRARY' => dirname(__DIR__, 2), 'CACHE_TEST_FOLDER' => getenv('CACHE_TEST_FOLDER')];
        $process = proc_open($command, [1 => ['pipe', 'w']], $pipes, null, $environment);
        self::assertSame('30 cache_fetch cache_fetch', stream_get_contents($pipes[1]));
        self::assertSame(0, proc_close($process), 'and none of the database');
    }

    public function testRepeatedQueriesAndTheirOrderAreKept(): void
    {
        $wiki = new Wiki();
        $wiki->post(1, 1);
        $wiki->post(2, 2);
        for ($round = 0; $round < 2; $round++) {
            $wiki->cache->reads = [];
            $found = $wiki->list->findMulti([['board' => 2], ['board' => 1], ['board' => 2], ['board' => 3]]);
            self::assertSame([[2], [1], [2], []], array_map(static fn (array $rows): array => array_column($rows, 'id'), $found));
        }
        self::assertSame([3, 2], $wiki->cache->reads, 'each bucket once');
    }

    public function testAPrimaryRowThatIsMissingComesFromTheStorage(): void
    {
        $wiki = new Wiki();
        for ($i = 1; $i <= 3; $i++) {
            $wiki->post(1, $i);
        }
        $wiki->ids();
        $wiki->pool->deleteMulti([$wiki->primary->keyOf(['id' => 1]), $wiki->primary->keyOf(['id' => 3])]);
        $wiki->storage->calls = [];
        self::assertSame([3, 2, 1], $wiki->ids());
        self::assertSame([2], $wiki->storage->calls, 'one call for both');
        $wiki->ids();
        self::assertSame([2], $wiki->storage->calls);
    }

    public function testARowThatMovesBetweenTheTwoMultiGetsIsPutWhereItBelongs(): void
    {
        $wiki = new Wiki();
        $wiki->post(1, 1);
        $wiki->post(1, 2);
        $wiki->ids();
        $wiki->pool->set($wiki->primary->keyOf(['id' => 1]), [['id' => 1, 'board' => 1, 'updated' => 3, 'title' => '', 'slug' => null]]);
        self::assertSame([1, 2], $wiki->ids());
    }

    public function testARowThatLeavesTheBucketBetweenTheTwoMultiGetsIsLeftOut(): void
    {
        $wiki = new Wiki();
        $wiki->post(1, 1);
        $wiki->post(1, 2);
        $wiki->ids();
        $wiki->pool->set($wiki->primary->keyOf(['id' => 2]), [['id' => 2, 'board' => 9, 'updated' => 2, 'title' => '', 'slug' => null]]);
        $wiki->pool->set($wiki->primary->keyOf(['id' => 1]), []);
        self::assertSame([], $wiki->ids());
    }

    public function testOffsetsBeforeExpansion(): void
    {
        $wiki = new Wiki();
        for ($i = 1; $i <= 5; $i++) {
            $wiki->post(1, $i);
        }
        $wiki->ids();
        $wiki->cache->reads = [];
        self::assertSame([3, 2], $wiki->ids(limit: 2, offset: 2));
        self::assertSame([1, 2], $wiki->cache->reads, 'only the rows that are wanted are expanded');
        self::assertSame([1], $wiki->ids(limit: 1, offset: 4));
        self::assertSame([], $wiki->ids(limit: 0));
    }

    public function testTheSmallestSufficientIndexAnswers(): void
    {
        $wiki = new Wiki();
        $short = new TopKIndex($wiki->cache, $wiki->storage, 'short', ['board'], ['updated'], Order::Desc, 2, $wiki->primary);
        $long = new TopKIndex($wiki->cache, $wiki->storage, 'long', ['board'], ['updated'], Order::Desc, 4, $wiki->primary);
        $byTitle = new TopKIndex($wiki->cache, $wiki->storage, 'title', ['board'], ['title'], Order::Asc, 3, $wiki->primary);
        $locator = new \SharedCache\Index\ObjectLocator(
            new \SharedCache\Index\BasicObjectMapper(static fn (Topic $topic): array => $topic->row(), Topic::of(...)),
            $wiki->storage,
            [$long, $short, $byTitle, $wiki->primary],
        );
        $choice = static fn (array $columns, mixed ...$options): ?string => $locator
            ->getIndexFor($columns, new FindOptions(...$options))?->name;
        self::assertSame('short', $choice(['board'], limit: 2));
        self::assertSame('short', $choice(['board'], limit: 1, offset: 1));
        self::assertSame('title', $choice(['board'], limit: 3), 'no order is asked for');
        self::assertSame('long', $choice(['board'], sort: ['updated'], order: Order::Desc, limit: 3));
        self::assertSame('long', $choice(['board'], sort: ['updated'], order: Order::Desc));
        self::assertNull($choice(['board'], sort: ['updated'], order: Order::Asc, limit: 1));
        self::assertNull($choice(['board'], limit: 5));
        self::assertNull($choice(['board', 'id'], limit: 1));
        self::assertSame('topic', $choice(['id'], limit: 100));

        for ($i = 1; $i <= 6; $i++) {
            $wiki->post(1, $i);
        }
        $ids = static fn (mixed ...$options): array => array_column(
            $locator->find(['board' => 1], new FindOptions(...$options)),
            'id',
        );
        $newest = ['sort' => ['updated'], 'order' => Order::Desc];
        for ($round = 0; $round < 2; $round++) {
            self::assertSame([6, 5], $ids(...$newest, limit: 2));
            self::assertSame([6, 5, 4, 3, 2], $ids(...$newest, limit: 5), 'from the storage');
            self::assertSame([6, 5, 4, 3, 2, 1], $ids(...$newest), 'a list that is full is not the answer to all');
            self::assertSame([4, 3, 2, 1], $ids(...$newest, offset: 2));
        }
        self::assertSame([6, 5, 4, 3, 2], $wiki->ids(limit: 5));
        self::assertSame([6, 5, 4, 3, 2, 1], $wiki->ids(limit: 6), 'beyond every index, in the order of the longest');
    }

    public function testKeysAreOfTheirValuesAndOfNothingElse(): void
    {
        $wiki = new Wiki();
        $index = static fn (string $name, array $columns, string $version = '1'): UniqueFeatureIndex => new UniqueFeatureIndex(
            $wiki->cache,
            $wiki->storage,
            $name,
            $columns,
            version: $version,
        );
        $key = $index('i', ['a', 'b'])->keyOf(...);
        self::assertSame($key(['a' => 1, 'b' => 2]), $key(['b' => '2', 'a' => '1', 'c' => 3]), 'order and type do not matter');
        self::assertSame($index('i', ['b', 'a'])->keyOf(['a' => 1, 'b' => 2]), $key(['a' => 1, 'b' => 2]));
        $values = ['', null, 0, '~', '=', ':', '%', '%3A', 'a:b', 'b', 'a', "\0", 'ä', 'Ä', 'a ', str_repeat('x', 300), str_repeat('x', 301),
            '9007199254740993', '9007199254740992', '0.5', '00', '%#', 'a:=b', 'b:=b', 'a:~', '~:=a'];
        $keys = [];
        foreach ($values as $a) {
            foreach ($values as $b) {
                $keys[] = $key(['a' => $a, 'b' => $b]);
            }
        }
        self::assertSame(array_unique($keys), $keys);
        self::assertLessThanOrEqual(250, max(array_map(strlen(...), $keys)));
        self::assertNotSame($key(['a' => 'a:b', 'b' => 'c']), $key(['a' => 'a', 'b' => 'b:c']));
        self::assertNotSame($index('i', ['a', 'b'], '2')->keyOf(['a' => 1, 'b' => 2]), $key(['a' => 1, 'b' => 2]));
        self::assertNotSame($index('i:1', ['a'])->keyOf(['a' => 1]), $index('i', ['a'], '1:1')->keyOf(['a' => 1]));
        $long = $index(str_repeat('n', 300), ['a'])->keyOf(...);
        self::assertLessThanOrEqual(250, strlen($long(['a' => PHP_INT_MIN])));
        self::assertNotSame($long(['a' => 1]), $index(str_repeat('n', 301), ['a'])->keyOf(['a' => 1]));
        $this->expectException(\InvalidArgumentException::class);
        $key(['a' => 1]);
    }

    /** @dataProvider modes */
    public function testCompositePrimaryKeys(Mode $mode): void
    {
        $database = new Database(getenv('CACHE_TEST_FOLDER') . '/composite.sqlite');
        $database->exec('CREATE TABLE watch (user INTEGER, page TEXT, since INTEGER, note TEXT, PRIMARY KEY (user, page))');
        $storage = new Storage(new PdoObjectStorage($database, 'watch', ['user', 'page']));
        $cache = new Cache(new Pool('wiki'), $database, 0);
        $primary = new UniqueFeatureIndex($cache, $storage, 'watch', ['user', 'page'], mode: $mode);
        $list = new TopKIndex($cache, $storage, 'watchlist', ['user'], ['since'], Order::Asc, 3, $primary, mode: $mode);
        $watches = new \SharedCache\Index\ObjectManager($cache, new \SharedCache\Index\BasicObjectMapper(
            static fn (object $row): array => (array) $row,
            static fn (array $row): object => (object) $row,
        ), $storage, [$primary, $list]);
        foreach ([[1, 'b', 5], [1, 'a', 5], [2, 'a', 1], [1, 'c', 4]] as [$user, $page, $since]) {
            $watches->put((object) ['user' => $user, 'page' => $page, 'since' => $since, 'note' => "$user$page"]);
        }
        $notes = static fn (): array => array_column($watches->find(['user' => 1], new FindOptions(limit: 3)), 'note');
        self::assertSame(['1c', '1a', '1b'], $notes());
        self::assertSame(['1c', '1a', '1b'], $notes(), 'from the cache, ties by the primary key');
        self::assertSame(['page', 'since', 'user'], array_keys($cache->pool->get($list->keyOf(['user' => 1]))[0]));
        $object = $watches->get(['page' => 'a', 'user' => 1]);
        self::assertSame('1a', $object->note);
        $watches->remove($object);
        self::assertNull($watches->get(['user' => 1, 'page' => 'a']));
        self::assertSame(['1c', '1b'], $notes());
        self::assertSame([null, '2a'], array_map(
            static fn (?object $watch): ?string => $watch?->note,
            $watches->getMulti([['user' => 1, 'page' => 'a'], ['user' => 2, 'page' => 'a']]),
        ));
    }

    /** @return iterable<string, array{array, Order}> */
    public static function sorts(): iterable
    {
        foreach (self::modes() as $name => [$mode]) {
            yield "ascending, $name" => [$mode, ['a', 'b'], Order::Asc];
            yield "descending, $name" => [$mode, ['a', 'b'], Order::Desc];
            yield "both, $name" => [$mode, ['a' => Order::Desc, 'b' => Order::Asc], Order::Asc];
            yield "text first, $name" => [$mode, ['t' => Order::Asc, 'a' => Order::Desc], Order::Asc];
            yield "128 bits in hexadecimal, $name" => [$mode, ['hex'], Order::Desc];
            yield "128 bits in decimal, $name" => [$mode, ['digits'], Order::Asc];
            yield "128 bits in decimal, descending, $name" => [$mode, ['digits'], Order::Desc];
        }
    }

    /**
     * The database says what is right: of each prefix of the rows, and after each removal.
     *
     * @dataProvider sorts
     */
    public function testSortsAsTheDatabaseDoes(Mode $mode, array $sort, Order $order): void
    {
        $database = new Database(getenv('CACHE_TEST_FOLDER') . '/sort.sqlite');
        $database->exec('CREATE TABLE score (id INTEGER PRIMARY KEY, g INTEGER, a INTEGER, b REAL, t TEXT, hex TEXT, digits TEXT)');
        $storage = new Storage(new PdoObjectStorage($database, 'score', ['id'], 'id'));
        $cache = new BufferedCache(new Pool('wiki'), $database, 0);
        $index = new TopKIndex($cache, $storage, 'score', ['g'], $sort, $order, 6,
            collations: ['digits' => Collation::Digits], mode: $mode);
        $scores = new \SharedCache\Index\ObjectManager($cache, new \SharedCache\Index\BasicObjectMapper(
            static fn (object $row): array => (array) $row,
            static fn (array $row): object => (object) $row,
        ), $storage, [$index]);
        $total = new Sort($sort, $order, ['id'], ['digits' => Collation::Digits]);
        self::assertSame([], $index->find(['g' => 1]));
        mt_srand(1);
        $digits = ['9', '10', '340282366920938463463374607431768211455', '340282366920938463463374607431768211454', '99', '0'];
        $objects = [];
        $check = function () use ($storage, $index, $total, $mode): void {
            $truth = array_column($storage->findMulti([['g' => 1]], $total, 6)[0], 'id');
            $cached = $this->idsOf((new Pool('wiki'))->get($index->keyOf(['g' => 1])));
            if ($cached !== null) {
                self::assertSame($truth, $cached);
            } elseif ($mode === Mode::UpdateInPlace) {
                self::assertGreaterThanOrEqual(5, count($truth), 'only a list that was full is dropped');
            }
            self::assertSame($truth, array_column($index->find(['g' => 1], new FindOptions(limit: 6)), 'id'));
        };
        for ($i = 0; $i < 16; $i++) {
            $objects[] = $object = $scores->put((object) [
                'g' => 1,
                'a' => [null, 1, 1, 2, -3][mt_rand(0, 4)],
                'b' => [0.5, 0.25, -1.0][mt_rand(0, 2)],
                't' => ['a', 'B', 'ä', '', '10', '9', null][mt_rand(0, 6)],
                'hex' => str_pad(dechex(mt_rand(0, 3)), 16, '0', STR_PAD_LEFT) . bin2hex(chr(mt_rand(0, 255)) . str_repeat("\xff", 7)),
                'digits' => $digits[mt_rand(0, 5)],
            ]);
            $check();
        }
        shuffle($objects);
        foreach ($objects as $number => $object) {
            $fresh = $scores->find(['g' => 1]);
            $found = array_values(array_filter($fresh, static fn (object $one): bool => $one->id === $object->id))[0];
            if ($number % 2) {
                $scores->remove($found);
            } else {
                $found->a = mt_rand(-3, 3);
                $found->digits = $digits[mt_rand(0, 5)];
                $found->t = ['A', 'b', null][mt_rand(0, 2)];
                $scores->put($found);
            }
            $check();
        }
    }

    public function testTiesAreBrokenByThePrimaryKeyInTheDirectionOfTheLastColumn(): void
    {
        $row = static fn (int $id): array => ['id' => $id, 'a' => 1];
        self::assertSame(-1, (new Sort(['a'], Order::Asc, ['id']))->compare($row(1), $row(2)));
        self::assertSame(1, (new Sort(['a'], Order::Desc, ['id']))->compare($row(1), $row(2)));
        self::assertSame(1, (new Sort(['a' => Order::Desc], Order::Asc, ['id']))->compare($row(1), $row(2)));
        self::assertSame(0, (new Sort(['a'], Order::Desc, ['id']))->compare($row(1), $row(1)));
    }

    public function testARowThatIsNullInAUniqueKeyIsInNoBucket(): void
    {
        $wiki = new Wiki();
        $wiki->post(1, 1);
        $wiki->post(1, 2);
        self::assertSame([1, 2], array_column($wiki->topics->find(['slug' => null]), 'id'));
        self::assertSame([[1, 2], []], array_map(
            static fn (array $topics): array => array_column($topics, 'id'),
            $wiki->topics->findMulti([['slug' => null], ['slug' => 'x']]),
        ));
        self::assertNull($wiki->pool->get($wiki->slugs->keyOf(['slug' => null])));
    }

    public function testWhatTheDatabaseTakesForEqualIsNotFilled(): void
    {
        $database = new Database(getenv('CACHE_TEST_FOLDER') . '/collation.sqlite');
        $database->exec('CREATE TABLE page (id INTEGER PRIMARY KEY, title TEXT COLLATE NOCASE)');
        $storage = new PdoObjectStorage($database, 'page', ['id'], 'id');
        $index = new UniqueFeatureIndex(new BufferedCache(new Pool('wiki'), $database), $storage, 'page', ['title']);
        $storage->insert(['title' => 'Main']);
        self::assertSame('Main', $index->find(['title' => 'MAIN'])[0]['title']);
        self::assertSame(['Main', 'Main'], array_map(
            static fn (array $rows): string => $rows[0]['title'],
            $index->findMulti([['title' => 'MAIN'], ['title' => 'main']]),
        ));
        self::assertSame(0, $index->metrics()->report()['entries'], 'a change of "Main" would not find it there');
        $index->find(['title' => 'Main']);
        self::assertSame(1, $index->metrics()->report()['entries']);
    }

    public function testARowOfSomethingElseThanScalarsIsRefusedBeforeTheCommit(): void
    {
        $wiki = new Wiki();
        $wiki->cache->begin();
        $row = ['id' => 1, 'board' => 1, 'updated' => 1, 'title' => ['no'], 'slug' => null];
        try {
            $wiki->primary->onAfterInsert(new \stdClass(), $row);
            self::fail('accepted');
        } catch (\InvalidArgumentException $error) {
            self::assertStringContainsString('"title" is of type array', $error->getMessage());
        }
        $wiki->cache->rollback();
    }

    private function idsOf(mixed $rows): ?array
    {
        return $rows === null ? null : array_column($rows, 'id');
    }
}
