<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache;

use Drupal\Core\Cache\Cache;
use Drupal\shared_cache\Cache\ChainedSharedBackend;
use SharedCache\Pool;

/** What a chained bin asks the consistent backend for, and what it writes. A new object stands for a new request. */
final class ChainedSharedBackendTest extends TestCase
{
    private SqliteBackend $sqlite;

    protected function setUp(): void
    {
        parent::setUp();
        $this->sqlite = $this->sqlite();
    }

    /** A bin of 50 items that the fast backend has, too. */
    private function filled(bool $versions = true, float $grace = 0.0): array
    {
        $ids = array_map(static fn (int $i): string => "id $i", range(1, 50));
        // So long ago that no other write can have been at the same time.
        $this->sqlite->created = microtime(true) - 100;
        $this->chain($this->sqlite, $versions, $grace)
            ->setMultiple(array_fill_keys($ids, ['data' => ['some' => ['array', 1]], 'tags' => ['t']]));
        $this->sqlite->created = null;
        $wanted = $ids;
        self::assertCount(50, $this->chain($this->sqlite, $versions, $grace)->getMultiple($wanted));
        $this->sqlite->forgetCounts();

        return $ids;
    }

    /** @return array<string, int> what was asked for */
    private function asked(): array
    {
        $counts = array_filter($this->sqlite->counts);
        $this->sqlite->forgetCounts();

        return $counts;
    }

    public function testWhatTheFastBackendHasIsNotAskedFor(): void
    {
        $ids = $this->filled();
        $chain = $this->chain($this->sqlite);
        $counted = self::counted(static function () use ($chain, $ids): void {
            for ($i = 0; $i < 3; $i++) {
                $wanted = $ids;
                self::assertCount(50, $chain->getMultiple($wanted));
                self::assertSame([], $wanted);
            }
        });
        self::assertSame(['marks' => 1], $this->asked(), 'once in a request');
        self::assertSame(151, $counted['hits'], 'one look-up an item, and the mark');
        self::assertSame(['hits'], array_keys(array_diff_key($counted, ['pins_refused' => 0])), 'nothing is written');
    }

    public function testAfterAWriteVersionsAreAskedForAndStampsMove(): void
    {
        $ids = $this->filled();
        $before = $this->pool()->info('id 2');
        $this->chain($this->sqlite)->set('id 1', 'changed');
        self::assertSame(['marks' => 1, 'version queries' => 1, 'versions' => 1, 'marked' => 1, 'written' => 1], $this->asked());

        $items = [];
        $counted = self::counted(function () use (&$items, $ids): void {
            $items = $this->chain($this->sqlite)->getMultiple($ids);
        });
        self::assertSame('changed', $items['id 1']->data);
        self::assertSame(['some' => ['array', 1]], $items['id 50']->data);
        self::assertSame(
            ['marks' => 1, 'queries' => 1, 'items' => 1, 'version queries' => 1, 'versions' => 49],
            $this->asked(),
            'of 49 items the version, of one the data',
        );
        self::assertSame([49, 1], [$counted['touches'], $counted['stores']]);
        self::assertArrayNotHasKey('stores_unchanged', $counted);
        self::assertSame($before['version'], $this->pool()->info('id 2')['version']);
        self::assertGreaterThan($before['stamp'], $this->pool()->info('id 2')['stamp']);

        $all = array_keys($items);
        self::assertCount(50, $this->chain($this->sqlite)->getMultiple($all));
        self::assertSame(['marks' => 1], $this->asked(), 'all are valid again, at once');
    }

    /** Between the look-up that finds an item outdated and its touch nothing is read: the token goes along. */
    public function testNothingIsReadBetweenGetAndTouch(): void
    {
        $this->filled();
        $this->chain($this->sqlite)->delete('id 1');
        $this->sqlite->after['versions'] = static function () use (&$begin): void {
            $begin = cache_info(true);
        };
        $ids = ['id 2'];
        $chain = $this->chain($this->sqlite);
        $counted = self::counted(static fn () => $chain->getMultiple($ids));
        $end = cache_info(true);
        self::assertSame(1, $end['touches'] - $begin['touches']);
        self::assertSame(1, $end['hits'] - $begin['hits'], 'the one that decodes it, after the touch');
        self::assertSame(4, $counted['hits'], 'with the mark, and the first look-ups, which decode nothing');
    }

    /** 100 requests of 50 items; a write before every second one. */
    public function testTheDirtyLoop(): void
    {
        $ids = $this->filled();
        $counted = self::counted(function () use ($ids): void {
            for ($request = 0; $request < 100; $request++) {
                if ($request % 2) {
                    $this->chain($this->sqlite)->set($ids[$request % 50], ['number' => $request]);
                    self::laterThanAmbiguous();
                }
                $wanted = $ids;
                $items = $this->chain($this->sqlite)->getMultiple($wanted);
                self::assertCount(50, $items);
                if ($request % 2) {
                    self::assertSame(['number' => $request], $items[$ids[$request % 50]]->data);
                }
            }
        });
        $renewed = $counted['touches'] + ($counted['stores_unchanged'] ?? 0);
        // Of the stores 50 are marks, and 50 take the place of old data: none is of what did not change.
        self::assertSame(50 * 49, $renewed);
        self::assertSame(50 + 50 + 50, $counted['stores']);
        self::assertSame(50, $this->asked()['items']);
    }

    public function testOverAnyBackendTheDataIsAskedForAndOnlyStampsMove(): void
    {
        $ids = $this->filled(versions: false);
        $this->chain($this->sqlite, versions: false)->set('id 1', 'changed');
        self::assertSame(['marks' => 1, 'queries' => 1, 'items' => 1, 'marked' => 1, 'written' => 1], $this->asked());
        $counted = self::counted(function () use ($ids): void {
            $items = $this->chain($this->sqlite, versions: false)->getMultiple($ids);
            self::assertSame(['changed', ['some' => ['array', 1]]], [$items['id 1']->data, $items['id 50']->data]);
        });
        self::assertSame(['marks' => 1, 'queries' => 1, 'items' => 50], $this->asked());
        self::assertSame([49, 1], [$counted['stores_unchanged'], $counted['stores']]);
    }

    /** Another fast backend than ours is used as core's chain does. */
    public function testInFrontOfItMayBeAnyBackend(): void
    {
        $fast = $this->sqlite('fast');
        $chain = fn (float $grace = 0.0): ChainedSharedBackend => new ChainedSharedBackend($this->sqlite, $fast, 'render', $this->sqlite, $grace);
        $chain()->setMultiple(['a' => ['data' => 'old'], 'b' => ['data' => 'b']]);
        self::assertFalse($chain()->get('c'), 'and the bin is marked');
        self::laterThanAmbiguous();
        foreach (['old', 'new'] as $data) {
            $ids = ['a', 'b', 'c'];
            self::assertSame([$data, 'b'], array_column($chain()->getMultiple($ids), 'data'));
            self::assertSame(['c'], array_values($ids));
            self::assertSame($data, $fast->get('a')->data, 'it is filled');
            $this->asked();
            self::assertSame($data, $chain()->get('a')->data);
            self::assertSame(['marks' => 1], $this->asked(), 'and then it answers');
            $chain()->set('a', 'new');
            self::assertSame('new', $chain()->get('a')->data, 'a write is seen at once');
            self::laterThanAmbiguous();
        }
        $chain(5.0)->set('a', 'newer');
        $fast->set('a', 'kept for the grace period by nobody');
        self::assertSame('newer', $chain(5.0)->get('a')->data);
        $chain()->removeBin();
        self::assertFalse($fast->get('a'));
    }

    public function testAMissIsAskedForOnceAndKept(): void
    {
        $this->filled();
        $this->sqlite->set('direct', ['x']);
        $this->asked();
        $ids = ['direct', 'nowhere'];
        $items = $this->chain($this->sqlite)->getMultiple($ids);
        self::assertSame([['x'], ['nowhere']], [$items['direct']->data, array_values($ids)]);
        self::assertSame(['marks' => 1, 'queries' => 1, 'items' => 1], $this->asked());
        self::assertSame(['x'], $this->chain($this->sqlite)->get('direct')->data);
        self::assertSame(['marks' => 1], $this->asked());
    }

    /** Two writes in the same millisecond have the same `created`. */
    public function testAVersionThatALaterWriteCouldHaveIsNotTrusted(): void
    {
        // On a busy machine the read may come so late after the write that no other one can have been at the same time.
        for ($try = 0; $try < 1000; $try++) {
            $chain = $this->chain($this->sqlite);
            $chain->set('a', 'first');
            $chain->get('a');
            $created = $this->sqlite->rows(['a'])['a']->created;
            if ($this->pool()->info('a')['stamp'] <= (float) $created * 1e6 + 2000) {
                break;
            }
        }
        self::assertLessThan(1000, $try);
        // The same millisecond, other data.
        $pdo = new \PDO("sqlite:$this->file");
        $pdo->prepare('UPDATE cache_render SET data = ?')->execute([serialize('other')]);
        $chain->delete('b');
        self::assertSame('other', $this->chain($this->sqlite)->get('a')->data);
        self::assertSame($created, $this->sqlite->rows(['a'])['a']->created);
    }

    public function testWithinTheGracePeriodNothingIsStoredButVersionsSaveTheData(): void
    {
        $ids = $this->filled();
        $this->chain($this->sqlite, grace: 5.0)->set('id 1', 'changed');
        $this->asked();
        $counted = self::counted(function () use ($ids): void {
            $items = $this->chain($this->sqlite, grace: 5.0)->getMultiple($ids);
            self::assertSame(['changed', ['some' => ['array', 1]]], [$items['id 1']->data, $items['id 50']->data]);
        });
        self::assertSame(['marks' => 1, 'queries' => 1, 'items' => 1, 'version queries' => 1, 'versions' => 49], $this->asked());
        self::assertSame([], array_intersect_key($counted, ['touches' => 1, 'stores' => 1, 'stores_unchanged' => 1]));
        $this->chain($this->sqlite, grace: 5.0)->set('id 2', 'changed');
        self::assertArrayNotHasKey('marked', $this->asked(), 'the mark is later than this write already');
    }

    public function testASetOfWhatIsNotThereOutdatesNothing(): void
    {
        $ids = $this->filled();
        $this->chain($this->sqlite)->set('new', 1);
        self::assertSame(['queries' => 1, 'version queries' => 1, 'written' => 1], $this->asked());
        self::assertSame(1, $this->chain($this->sqlite)->get('new')->data);
        $this->asked();
        $this->chain($this->sqlite)->getMultiple($ids);
        self::assertSame(['marks' => 1], $this->asked());
    }

    /** @dataProvider writes */
    public function testEveryWriteIsSeenByTheNextRequestOfEveryProcess(string $method, array $arguments, mixed $expected): void
    {
        $this->filled();
        $chain = $this->chain($this->sqlite);
        $chain->set('id 1', 'before', Cache::PERMANENT, ['t']);
        self::assertSame('before', $this->chain($this->sqlite)->get('id 1')->data);
        for ($round = 0; $round < 50; $round++) {
            $this->sqlite->set('id 1', 'before');
            $this->chain($this->sqlite)->delete('id 2');
            self::assertSame('before', $this->chain($this->sqlite)->get('id 1')->data);
            $chain->$method(...$arguments);
            $item = $this->chain($this->sqlite)->get('id 1');
            self::assertSame($expected, $item ? $item->data : false);
        }
    }

    public static function writes(): array
    {
        return [
            'set' => ['set', ['id 1', 'after'], 'after'],
            'setMultiple' => ['setMultiple', [['id 1' => ['data' => 'after'], 'new' => ['data' => 1]]], 'after'],
            'delete' => ['delete', ['id 1'], false],
            'deleteMultiple' => ['deleteMultiple', [['id 1', 'id 2']], false],
            'deleteAll' => ['deleteAll', [], false],
            'removeBin' => ['removeBin', [], false],
            'invalidate' => ['invalidate', ['id 1'], false],
            'invalidateMultiple' => ['invalidateMultiple', [['id 1']], false],
            'invalidateAll' => ['invalidateAll', [], false],
        ];
    }

    public function testAProcessWithoutFastBackendOutdatesThoseOfOthers(): void
    {
        $ids = $this->filled();
        (new ChainedSharedBackend($this->sqlite, null, 'render', $this->sqlite))->set('id 1', 'from the command line');
        self::assertSame('from the command line', $this->chain($this->sqlite)->getMultiple($ids)['id 1']->data);
    }

    public function testALostMarkMakesAllOutdated(): void
    {
        $ids = $this->filled();
        // By way of another machine.
        $this->sqlite->set('id 1', 'changed');
        $this->sqlite->delete('last_write_timestamp_cache_render');
        self::assertSame('changed', $this->chain($this->sqlite)->getMultiple($ids)['id 1']->data);
    }

    public function testAMarkOfAnotherMachineCounts(): void
    {
        $ids = $this->filled();
        $this->sqlite->set('id 1', 'changed');
        $this->sqlite->set('last_write_timestamp_cache_render', (Pool::now() + 1) / 1e6);
        self::assertSame('changed', $this->chain($this->sqlite)->getMultiple($ids)['id 1']->data);
    }

    /** Of two marks the earlier may come last to the database. */
    public function testAMarkDoesNotGoBack(): void
    {
        $this->filled();
        $this->sqlite->set('id 1', 'changed');
        $earlier = $this->shared()->mark() - 1_000_000;
        $this->chain($this->sqlite)->delete('id 2');
        $this->sqlite->set('last_write_timestamp_cache_render', $earlier / 1e6);
        self::assertSame('changed', $this->chain($this->sqlite)->get('id 1')->data);
    }

    public function testAnItemThatCannotBeDecodedAnyMoreComesFromTheConsistentBackend(): void
    {
        $this->filled();
        $this->sqlite->set('a', 'right');
        $this->chain($this->sqlite)->get('b');
        $this->shared()->set('a', new Fragile());
        $ids = ['a', 'id 1'];
        $items = $this->chain($this->sqlite)->getMultiple($ids);
        self::assertSame(['right', ['some' => ['array', 1]]], [$items['a']->data, $items['id 1']->data]);
    }

    public function testAnOutdatedItemIsNotDecoded(): void
    {
        $this->filled();
        $this->sqlite->set('a', 'right');
        $this->shared()->set('a', new Fragile());
        $this->chain($this->sqlite)->delete('b');
        $this->asked();
        $ids = ['a', 'id 1'];
        self::assertCount(2, $this->chain($this->sqlite)->getMultiple($ids));
        self::assertSame(1, $this->asked()['items'], 'the look-up did not fail for both');
    }

    public function testAnItemOfAnInvalidatedTagIsAskedFor(): void
    {
        $this->filled();
        $this->tags->invalidateTags(['t']);
        self::assertFalse($this->chain($this->sqlite)->get('id 1'));
        $this->chain($this->sqlite)->set('id 1', 'again', Cache::PERMANENT, ['t']);
        self::assertSame('again', $this->chain($this->sqlite)->get('id 1')->data);
    }

    public function testInvalidItemsAreNotStored(): void
    {
        $this->filled();
        $this->sqlite->set('past', 1, $this->time->time - 5);
        $counted = self::counted(fn () => self::assertSame(1, $this->chain($this->sqlite)->get('past', true)->data));
        self::assertArrayNotHasKey('stores', $counted);
    }

    public function testTagsAreInvalidatedInBackendsThatDoThatThemselves(): void
    {
        $backends = [];
        foreach (['consistent', 'fast'] as $name) {
            $backends[$name] = $this->createMock(TaggedBackend::class);
            $backends[$name]->expects(self::once())->method('invalidateTags')->with(['t']);
        }
        (new ChainedSharedBackend($backends['consistent'], $backends['fast'], 'render'))->invalidateTags(['t']);
    }

    /** @dataProvider wholeBins */
    public function testEmptyingTheBinLeavesAMark(string $method): void
    {
        $this->filled();
        foreach ([0.0, 5.0] as $grace) {
            $this->chain($this->sqlite, grace: $grace)->delete('id 1');
            $this->chain($this->sqlite, grace: $grace)->$method();
            self::assertGreaterThanOrEqual($grace + microtime(true) - 1, $this->sqlite->get('last_write_timestamp_cache_render')->data);
        }
    }

    public static function wholeBins(): array
    {
        return [['deleteAll'], ['invalidateAll']];
    }

    public function testOnOneMachineAWarmRequestAsksForNothing(): void
    {
        $ids = $this->filled();
        $chain = fn (): ChainedSharedBackend => $this->chain($this->sqlite, oneMachine: true);
        self::assertSame([50, []], [count($chain()->getMultiple($ids)), $this->asked()]);
        $ids = array_map(static fn (int $i): string => "id $i", range(1, 50));
        for ($round = 0; $round < 20; $round++) {
            $chain()->set('id 1', $round);
            self::assertArrayNotHasKey('marked', $this->asked());
            $wanted = $ids;
            $items = $chain()->getMultiple($wanted);
            self::assertSame([50, $round], [count($items), $items['id 1']->data]);
            self::assertSame(['queries' => 1, 'items' => 1, 'version queries' => 1, 'versions' => 49], $this->asked());
        }
        // Where the mark had to make room everything is asked for, and marked anew.
        $this->sqlite->set('id 2', 'changed');
        $this->pool()->delete("\0mark");
        self::assertSame('changed', $chain()->get('id 2')->data);
        $this->asked();
        self::assertSame('changed', $chain()->get('id 2')->data);
        self::assertSame([], $this->asked());
    }

    public function testOnOneMachineAProcessWithoutTheCacheSaysThatItsWriteIsNotSeen(): void
    {
        $warnings = [];
        set_error_handler(static function (int $level, string $text) use (&$warnings): bool {
            $warnings[] = [$level, $text];

            return true;
        });
        try {
            $chain = new ChainedSharedBackend($this->sqlite, null, 'render', oneMachine: true);
            self::assertFalse($chain->get('a'));
            self::assertSame([], $warnings);
            $chain->set('a', 1);
            $chain->set('a', 2);
            self::assertSame(2, $chain->get('a')->data);
        } finally {
            restore_error_handler();
        }
        self::assertSame([E_USER_WARNING], array_column($warnings, 0));
    }

    public function testResetAsksForTheMarkAgain(): void
    {
        $this->filled();
        $chain = $this->chain($this->sqlite);
        self::assertIsArray($chain->get('id 1')->data);
        $this->chain($this->sqlite)->set('id 1', 'changed');
        $chain->reset();
        self::assertSame('changed', $chain->get('id 1')->data);
    }
}
