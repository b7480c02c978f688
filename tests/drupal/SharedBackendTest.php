<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache;

use Drupal\Core\Cache\Cache;
use Drupal\Core\Cache\CacheBackendInterface;
use SharedCache\Change;
use SharedCache\Pool;

/** A bin in shared memory. */
final class SharedBackendTest extends BackendContract
{
    protected function bin(string $bin = 'render'): CacheBackendInterface
    {
        return $this->shared($bin);
    }

    /** @dataProvider renewable */
    public function testIdenticalDataOnlyMovesTheStamp(mixed $data): void
    {
        $bin = $this->shared();
        $bin->set('a', $data, $this->time->time + 60, ['s', 't']);
        $before = $this->pool()->info('a');
        self::laterThanAmbiguous();
        $counted = self::counted(static fn () => $bin->set('a', $data, $bin->get('a')->expire, ['t', 's', 't']));
        self::assertSame(1, $counted['stores_unchanged'] ?? 0);
        self::assertArrayNotHasKey('stores', $counted);
        $after = $this->pool()->info('a');
        self::assertSame($before['version'], $after['version']);
        self::assertGreaterThan($before['stamp'], $after['stamp']);
        self::assertEqualsWithDelta($after['stamp'] / 1e6, $bin->get('a')->created, 0.00051, 'in milliseconds');
    }

    public static function renewable(): iterable
    {
        $object = (object) ['a' => [1, 2]];
        foreach (['a string', str_repeat('x', 4096), ['an' => ['array' => 1]], $object, [$object, 1.5], 7, null] as $data) {
            yield [$data];
        }
    }

    public function testWhateverDiffersIsStored(): void
    {
        $bin = $this->shared();
        $store = static fn (mixed ...$with): ?Change => $bin->store(
            ...($with + ['cid' => 'a', 'data' => [1], 'expire' => -1, 'tags' => ['t'], 'stamp' => Pool::now()]),
        );
        self::assertSame(Change::Stored, $store());
        self::assertSame(Change::Touched, $store());
        foreach ([['data' => ['1']], ['expire' => 5], ['tags' => ['u']], ['tags' => []], ['version' => 'v']] as $difference) {
            self::assertSame(Change::Stored, $store(...$difference), json_encode($difference));
            self::assertSame(Change::Touched, $store(...$difference));
            self::assertSame(Change::Stored, $store());
        }
        $this->tags->invalidateTags(['t']);
        self::assertSame(Change::Stored, $store(), 'the checksum');
        self::assertSame(Change::Touched, $store());
    }

    /** In 100 requests each of which sets 50 items again, one of them changed. */
    public function testTheDirtyLoopTouches(): void
    {
        $bin = $this->shared();
        $items = array_map(static fn (int $i): array => ['data' => ['#markup' => "item $i", '#weight' => $i]], range(0, 49));
        $bin->setMultiple($items);
        $counted = self::counted(function () use ($bin, $items): void {
            for ($request = 0; $request < 100; $request++) {
                $items[$request % 50]['data']['#weight'] += $request % 2;
                $bin->setMultiple($items);
                foreach ($items as $id => $item) {
                    self::assertSame($item['data'], $bin->get((string) $id)->data);
                }
            }
        });
        self::assertSame(50, $counted['stores']);
        self::assertSame(100 * 50 - 50, $counted['stores_unchanged'], '99 %');
    }

    public function testOutdatedItemsAreNotDecoded(): void
    {
        $bin = $this->shared();
        $before = Pool::now();
        $bin->store('old', new Fragile(), -1, [], $before);
        self::laterThanAmbiguous();
        $bin->set('new', 'n');
        self::assertSame(['new'], array_keys($bin->fetch(['old', 'new'], false, $before + 1, $outdated)));
        self::assertSame(['old'], array_keys($outdated));
        self::assertSame($before, $outdated['old']['stamp']);
        $this->expectExceptionMessage('decoded');
        $bin->get('old');
    }

    public function testOneLookUpAnItemGivesValueAndTime(): void
    {
        $bin = $this->shared();
        $ids = array_map(static fn (int $i): string => "id $i", range(1, 50));
        $bin->setMultiple(array_fill_keys($ids, ['data' => [1]]));
        $wanted = [...$ids, 'missing'];
        $counted = self::counted(static function () use ($bin, $wanted): void {
            $items = $bin->getMultiple($wanted);
            self::assertCount(50, array_filter($items, static fn (object $item): bool => $item->created > 1e9));
        });
        // Where too much is pinned a value is copied; that is all that may differ.
        self::assertSame(['hits' => 50], array_diff_key($counted, ['pins_refused' => 0]));
    }

    /** Values, times, tokens and states; and of what is outdated the times, tokens and tags by one more. */
    public function testOneCallOfTheExtensionReadsManyItems(): void
    {
        $code = 'require ' . var_export(__DIR__ . '/bootstrap.php', true) . '; ' . <<<'PHP'
            use SharedCache\Tests\NativeCalls;
            NativeCalls::watch();
            $bin = new Drupal\shared_cache\Cache\SharedBackend(
                'calls',
                'site',
                new Drupal\Tests\shared_cache\MemoryTags(),
                new Drupal\Tests\shared_cache\RequestTime(),
            );
            $ids = array_map(static fn (int $i): string => "id $i", range(1, 50));
            $bin->setMultiple(array_fill_keys($ids, ['data' => [1], 'tags' => ['t']]));
            $wanted = [...$ids, 'missing', str_repeat('long', 100)];
            NativeCalls::$names = [];
            $times = array_column($bin->getMultiple($wanted), 'created', 'cid');
            echo count($times), ' ', implode(' ', NativeCalls::$names), "\n";
            NativeCalls::$names = [];
            $bin->fetch($ids, false, PHP_INT_MAX, $outdated);
            echo count($outdated), ' ', implode(' ', NativeCalls::$names), "\n";
            NativeCalls::$names = [];
            $bin->set('id 1', [1], -1, ['t']);
            echo implode(' ', NativeCalls::$names);
            PHP;
        self::assertSame("50 cache_fetch_entries\n50 cache_fetch_entries cache_fetch_entries\ncache_store_if_changed", $this->php($code));
    }

    public function testTheTagsOfAllItemsAreAskedForAtOnce(): void
    {
        $bin = $this->shared();
        $bin->set('a', 1, Cache::PERMANENT, ['t', 'u']);
        $bin->set('b', 1, Cache::PERMANENT, ['v']);
        $bin->set('c', 1);
        $ids = ['a', 'b', 'c'];
        $bin->getMultiple($ids);
        self::assertSame([['t', 'u', 'v']], $this->tags->preloads);
    }

    public function testInATransactionThatInvalidatesATagNothingIsStored(): void
    {
        $bin = $this->shared();
        $bin->set('kept', 1, Cache::PERMANENT, ['t']);
        $this->tags->waiting = ['t'];
        $counted = self::counted(static function () use ($bin): void {
            $bin->set('a', 1, Cache::PERMANENT, ['s', 't']);
            $bin->set('kept', 2, Cache::PERMANENT, ['t']);
        });
        self::assertSame([], $counted);
        self::assertFalse($bin->get('kept'), 'not for this process');
        $this->tags->waiting = [];
        self::assertFalse($bin->get('a', true));
        self::assertSame(1, $bin->get('kept')->data);
    }

    public function testTagsMustBeStrings(): void
    {
        $this->expectException(\AssertionError::class);
        $this->shared()->set('a', 1, Cache::PERMANENT, ['node' => [3, 5]]);
    }

    public function testAnItemIsOneEntryWithoutAnEnd(): void
    {
        $bin = $this->shared();
        for ($i = 0; $i < 10; $i++) {
            $bin->set('a', $i, $this->time->time + 5);
        }
        self::assertSame(1, $this->pool()->count());
        self::assertSame([0, INF], [$this->pool()->info('a')['ttl'], $this->pool()->info('a')['stale_ttl']]);
        self::assertLessThan(446, $this->pool()->info('a')['size'], 'with its key and tags');
    }

    public function testDeleteLeavesNothing(): void
    {
        $bin = $this->shared();
        $bin->set('a', 1);
        $bin->invalidate('a');
        $bin->set('a', 2);
        $bin->delete('a');
        self::assertSame(0, $this->pool()->count());
    }

    /** @dataProvider wholeBins */
    public function testTheWholeBinTakesTheSameTimeWhateverElseIsThere(string $method): void
    {
        $foreign = new Pool('foreign');
        $foreign->setMulti(array_combine(array_map(static fn (int $i): string => "f$i", range(1, 100_000)), range(1, 100_000)));
        $bin = $this->shared();
        $times = [];
        for ($round = 0; $round < 20; $round++) {
            $bin->setMultiple(array_fill(0, 100, ['data' => $round]));
            self::assertSame($round, $bin->get('99')->data);
            $begin = hrtime(true);
            $bin->$method();
            $times[] = hrtime(true) - $begin;
            self::assertFalse($bin->get('99'));
        }
        self::assertSame(100_000, $foreign->count());
        sort($times);
        self::assertLessThan(50_000, $times[10], 'nanoseconds, the median');
    }

    /** @dataProvider wholeBins */
    public function testAStoreThatBeganBeforeTheBinWasEmptiedIsNotSeen(string $method): void
    {
        $bin = $this->shared();
        $this->tags->within = fn () => $this->shared()->$method();
        $bin->set('late', 1, Cache::PERMANENT, ['t']);
        self::assertFalse($bin->get('late'));
        $bin->set('late', 2);
        self::assertSame(2, $bin->get('late')->data);
    }

    public function testSitesAndBinsAreApart(): void
    {
        $this->shared()->set('a', 1);
        $other = new \Drupal\shared_cache\Cache\SharedBackend('render', 'another site', $this->tags, $this->time);
        self::assertFalse($other->get('a'));
        self::assertFalse($this->shared('render2')->get('a'));
        self::assertSame(1, $this->shared()->get('a')->data);
    }

    public function testAnUnstorableValueThrowsAndIsNotThere(): void
    {
        $bin = $this->shared();
        $bin->set('a', 1);
        try {
            $bin->set('a', static fn (): int => 1);
            self::fail('it is thrown');
        } catch (\Cache\UnstorableException) {
        }
        self::assertSame(1, $bin->get('a')->data, 'what was there still is');
    }
}
