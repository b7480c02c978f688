<?php

declare(strict_types=1);

namespace SharedCache\Tests;

use SharedCache\Change;
use SharedCache\Entry;
use SharedCache\Pool;
use SharedCache\State;

final class PoolTest extends TestCase
{
    private Pool $pool;

    protected function setUp(): void
    {
        parent::setUp();
        $this->pool = new Pool('forum');
    }

    public function testStoresAndGets(): void
    {
        self::assertNull($this->pool->get('a'));
        self::assertSame('no', $this->pool->get('a', 'no', $found));
        self::assertFalse($found);
        self::assertTrue($this->pool->set('a', [1, 2]));
        self::assertSame([1, 2], $this->pool->get('a'));
        self::assertTrue($this->pool->set('f', false));
        self::assertFalse($this->pool->get('f', 'no', $found));
        self::assertTrue($found);
        self::assertTrue($this->pool->has('f'));
        self::assertTrue($this->pool->delete('f'));
        self::assertFalse($this->pool->delete('f'));
        self::assertFalse($this->pool->has('f'));
    }

    public function testAddsOnlyWhatIsMissing(): void
    {
        self::assertTrue($this->pool->add('a', 1));
        self::assertFalse($this->pool->add('a', 2));
        self::assertSame(1, $this->pool->get('a'));
    }

    public function testManyAtOnce(): void
    {
        self::assertSame([], $this->pool->setMulti(['a' => 1, '7' => 'seven', '' => 'empty', '007' => 'Bond']));
        self::assertSame(['7' => 'seven', 'a' => 1, '' => 'empty'], $this->pool->getMulti(['7', 'a', 'x', '']));
        self::assertSame([7 => 'seven'], $this->pool->getMulti(new \ArrayIterator([7])));
        self::assertSame(['a' => true, '007' => true], $this->pool->hasMulti(['a', 'x', '007']));
        self::assertSame(['x'], $this->pool->deleteMulti(['a', 'x', '7']));
        self::assertSame(['' => 'empty', '007' => 'Bond'], $this->pool->getMulti(['a', '7', '', '007']));
        self::assertSame([], $this->pool->getMulti([]));
        self::assertSame([], $this->pool->setMulti([]));
        self::assertSame([], $this->pool->deleteMulti([]));
        self::assertSame([], $this->pool->entries([]));
        self::assertSame([], $this->pool->fetchMulti([]));
    }

    public function testDefaultsOfThePoolHoldWhereTheCallSaysNothing(): void
    {
        $pool = new Pool('forum', ttl: 60, staleTtl: 600, tags: ['all']);
        $pool->set('a', 1);
        $pool->set('b', 1, ttl: 5, staleTtl: 0, tags: ['more']);
        $a = $pool->info('a');
        self::assertSame([60, 600, State::Fresh, []], [$a['ttl'], $a['stale_ttl'], $a['state'], $a['tags']]);
        $b = $pool->info('b');
        self::assertSame([5, 0, ['more']], [$b['ttl'], $b['stale_ttl'], $b['tags']]);
        self::assertSame(['forum', 'forum:all', 'forum:more'], cache_key_info('forum:b')['tags']);
        $pool->invalidateTags('all');
        self::assertSame(State::Stale, $pool->peek('a')->state);
        self::assertSame(State::Missing, $pool->peek('b')->state);
    }

    public function testNoPoolSeesKeysOfAnother(): void
    {
        $inner = new Pool('forum:x');
        $inner->set('y', 'inner');
        self::assertNull($this->pool->get('x:y'));
        self::assertSame([], iterator_to_array($this->pool->keys()));
        $this->pool->set('x:y', 'outer');
        self::assertSame('inner', $inner->get('y'));
        $this->pool->clear();
        self::assertSame('inner', $inner->get('y'));
    }

    public function testPrefixesOfAnyLength(): void
    {
        $a = new Pool(str_repeat('p', 3000) . 'a');
        $b = new Pool(str_repeat('p', 3000) . 'b');
        $a->set('k', 'a', tags: [str_repeat('t', 300)]);
        self::assertNull($b->get('k'));
        $b->clear();
        $b->invalidateTags(str_repeat('t', 300));
        self::assertSame('a', $a->get('k'));
        $a->invalidateTags(str_repeat('t', 300));
        self::assertNull($a->get('k'));
    }

    public function testRefusesWhatMakesNoSense(): void
    {
        foreach ([['prefix' => ''], ['prefix' => 'a', 'ttl' => -1], ['prefix' => 'a', 'staleTtl' => NAN]] as $arguments) {
            try {
                new Pool(...$arguments);
                self::fail('accepted');
            } catch (\InvalidArgumentException) {
                $this->addToAssertionCount(1);
            }
        }
        $this->expectException(\LogicException::class);
        $this->pool->push('k');
    }

    public function testClearEmptiesThisPoolOnly(): void
    {
        $other = new Pool('wiki');
        $other->set('a', 1);
        $this->pool->setMulti(['a' => 1, 'b' => 2]);
        $this->pool->inc('count');
        self::assertTrue($this->pool->clear());
        self::assertSame([], $this->pool->getMulti(['a', 'b', 'count']));
        self::assertSame(State::Missing, $this->pool->peek('a')->state);
        self::assertSame([], iterator_to_array($this->pool->keys()));
        self::assertSame(1, $other->get('a'));
        $this->pool->set('a', 3);
        self::assertSame(3, $this->pool->get('a'));
    }

    public function testWhatBeganBeforeAClearIsNeverSeenAfterIt(): void
    {
        $began = Pool::now();
        $lease = $this->pool->lease('leased');
        usleep(10);
        $this->pool->clear();
        $this->pool->set('stamped', 'old', stamp: $began);
        $this->pool->setMulti(['many' => 'old'], stamp: $began);
        self::assertFalse($lease->commit('old'));
        self::assertSame([], $this->pool->getMulti(['stamped', 'many', 'leased']));
        $this->pool->set('stamped', 'new', stamp: Pool::now());
        self::assertSame('new', $this->pool->get('stamped'));
    }

    public function testTokensAndStampsDoNotOutliveAClear(): void
    {
        $this->pool->setMulti(['a' => 1, 'b' => 1, 'c' => 1]);
        $this->pool->getsMulti(['a', 'b', 'c'], $tokens);
        $stamp = $this->pool->stamp('c');
        $this->pool->merge('merged', function (mixed $old, bool $found): array {
            if (!$found) {
                return ['old'];
            }

            return [...$old, 'never'];
        });
        $calls = 0;
        $this->pool->merge('merged', function (mixed $old, bool $found) use (&$calls): array {
            if (++$calls === 1) {
                $this->pool->clear(); // somebody else, while it runs
            }

            return [...($found ? $old : []), 'new'];
        });
        self::assertSame(['new'], $this->pool->get('merged'));
        self::assertFalse($this->pool->casStore('a', $tokens['a'], 2));
        self::assertFalse($this->pool->casDelete('b', $tokens['b']));
        self::assertFalse($this->pool->touch('c', $stamp));
        self::assertSame(['merged' => ['new']], $this->pool->getMulti(['a', 'b', 'c', 'merged']));
        self::assertTrue($this->pool->casStore('a', 0, 3));
    }

    public function testCountersSurviveNoClear(): void
    {
        self::assertSame(1, $this->pool->inc('n', ttl: 60));
        self::assertSame(3, $this->pool->inc('n', 2));
        self::assertSame(2, $this->pool->dec('n'));
        self::assertSame(60, $this->pool->info('n')['ttl']);
        self::assertTrue($this->pool->cas('n', 2, 10));
        self::assertFalse($this->pool->cas('n', 2, 11));
        self::assertSame(10, $this->pool->get('n'));
        $this->pool->clear();
        self::assertSame(-1, $this->pool->dec('n'));
        $this->pool->clear();
        self::assertNull($this->pool->get('n'));
        $this->pool->set('text', 'x');
        self::assertNull($this->pool->inc('text'));
        self::assertSame('x', $this->pool->get('text'));
    }

    public function testACounterThatWasCreatedWithoutTagsGetsThem(): void
    {
        cache_inc('forum:n', 2); // as if the pool had been cleared within inc()
        self::assertSame(3, $this->pool->inc('n'));
        cache_delete('forum:n');
        cache_store('forum:n', 0);
        self::assertSame(1, $this->pool->inc('n'));
        self::assertSame(['forum'], cache_key_info('forum:n')['tags']);
    }

    public function testCountsExactlyWithManyProcessesAndClears(): void
    {
        $this->inParallel(4, function (int $number): void {
            for ($i = 0; $i < 2000; $i++) {
                $this->pool->inc('n');
                if ($number === 0 && $i % 100 === 0) {
                    $this->pool->clear();
                }
            }
        });
        $this->pool->clear();
        self::assertNull($this->pool->get('n'));
        $this->inParallel(4, function (): void {
            for ($i = 0; $i < 1000; $i++) {
                $this->pool->inc('n');
            }
        });
        self::assertSame(4000, $this->pool->get('n'));
    }

    public function testTagsAreThePoolsOwn(): void
    {
        $other = new Pool('wiki');
        $sharing = new Pool('blog', tagSpace: 'forum');
        foreach ([$this->pool, $other, $sharing] as $pool) {
            $pool->set('a', 1, ttl: 60, staleTtl: 60, tags: ['user:7', 'post']);
        }
        self::assertTrue($this->pool->invalidateTags('user:7'));
        self::assertSame(State::Stale, $this->pool->peek('a')->state);
        self::assertSame(State::Stale, $sharing->peek('a')->state);
        self::assertSame(State::Fresh, $other->peek('a')->state);
        $this->pool->invalidateTags(['x', 'post'], hard: true);
        self::assertSame(State::Missing, $this->pool->peek('a')->state);
        self::assertSame(State::Missing, $sharing->peek('a')->state);
        self::assertSame(State::Fresh, $other->peek('a')->state);
        self::assertTrue($this->pool->invalidateTags([]));
        self::assertSame(['user:7', 'post'], $other->info('a')['tags']);
    }

    public function testMarksAsStale(): void
    {
        $this->pool->setMulti(['a' => 1, 'b' => 2, 'c' => 3], ttl: 60, staleTtl: 60);
        self::assertTrue($this->pool->markStale('a'));
        self::assertFalse($this->pool->markStale('x'));
        self::assertSame(['x'], $this->pool->markStaleMulti(['b', 'x']));
        self::assertSame(['c' => 3], $this->pool->getMulti(['a', 'b', 'c']));
        $lookup = $this->pool->peek('a');
        self::assertSame([1, State::Stale, null, false], [$lookup->value, $lookup->state, $lookup->lease, $lookup->pending]);
        self::assertTrue($this->pool->markAllStale());
        self::assertSame(State::Stale, $this->pool->peek('c')->state);
    }

    public function testTokens(): void
    {
        self::assertSame('none', $this->pool->gets('a', $token, 'none'));
        self::assertSame(0, $token);
        self::assertTrue($this->pool->casStore('a', 0, 1));
        self::assertFalse($this->pool->casStore('a', 0, 2));
        self::assertSame(1, $this->pool->gets('a', $token));
        self::assertTrue($this->pool->casStore('a', $token, 3, tags: ['t']));
        self::assertFalse($this->pool->casStore('a', $token, 4));
        self::assertFalse($this->pool->casDelete('a', $token));
        self::assertSame(['a' => 3], $this->pool->getsMulti(['a', 'x'], $tokens));
        self::assertSame(['a', 'x'], array_keys($tokens));
        self::assertSame(0, $tokens['x']);
        self::assertTrue($this->pool->casDelete('a', $tokens['a']));
        self::assertFalse($this->pool->has('a'));
    }

    public function testMergesLoseNothing(): void
    {
        $this->inParallel(4, function (int $number): void {
            for ($i = 0; $i < 50; $i++) {
                $this->pool->merge('list', static fn (mixed $list, bool $found): array => [...($found ? $list : []), "$number:$i"]);
            }
        });
        self::assertCount(200, array_unique($this->pool->get('list')));
        self::assertTrue($this->pool->merge('absent', static fn (): string => Pool::KEEP));
        self::assertFalse($this->pool->has('absent'));
        self::assertSame(['forum'], cache_key_info('forum:list')['tags']);
    }

    public function testStoresOnlyWhatChanged(): void
    {
        $began = Pool::now();
        usleep(10);
        self::assertSame(Change::Stored, $this->pool->storeIfChanged('a', [1], tags: ['t']));
        $version = $this->pool->info('a')['version'];
        self::assertSame(Change::Touched, $this->pool->storeIfChanged('a', [1], tags: ['t']));
        self::assertSame($version, $this->pool->info('a')['version']);
        self::assertSame(Change::Lost, $this->pool->storeIfChanged('a', [0], stamp: $began));
        self::assertSame(Change::Lost, $this->pool->storeIfChanged('a', [0], token: 0));
        $this->pool->gets('a', $token);
        self::assertSame(Change::Stored, $this->pool->storeIfChanged('a', [2], token: $token));
        self::assertTrue(Change::Touched->isStored() && Change::Stored->isStored());
        self::assertFalse(Change::Lost->isStored() || Change::Failed->isStored());
    }

    public function testTouchesAndTellsStamps(): void
    {
        // A pool that was not cleared: what is older than the last clear() is not seen.
        $this->pool = new Pool('touched');
        self::assertNull($this->pool->stamp('a'));
        self::assertFalse($this->pool->touch('a'));
        $this->pool->set('a', 1, ttl: 60, staleTtl: 60, stamp: Pool::now() - 5_000_000);
        $stamp = $this->pool->stamp('a');
        self::assertTrue($this->pool->touch('a', $stamp, $stamp + 1));
        self::assertFalse($this->pool->touch('a', $stamp));
        self::assertSame(['a' => $stamp + 1], $this->pool->stampMulti(['a', 'b']));
        $this->pool->markStale('a');
        self::assertFalse($this->pool->touch('a'));
        self::assertLessThan(0, $marked = $this->pool->stamp('a'));
        self::assertFalse($this->pool->touch('a', $marked, token: 1));
        self::assertTrue($this->pool->touch('a', $marked));
        self::assertTrue($this->pool->has('a'));
        $this->pool->clear();
        self::assertFalse($this->pool->touch('a'));
    }

    public function testEntriesWithTheirWords(): void
    {
        $this->pool = new Pool('entries');
        $old = Pool::now() - 1_000_000;
        $this->pool->set('old', 'o', stamp: $old, tags: ['t']);
        $this->pool->set('7', null, tags: ['t', 'u']);
        self::assertTrue($this->pool->exchangeWord('7', 0, 42));
        self::assertFalse($this->pool->exchangeWord('7', 0, 43));
        $entries = $this->pool->entries(['7', 'x', 'old'], $old + 1);
        self::assertSame([7, 'old'], array_keys($entries));
        self::assertInstanceOf(Entry::class, $entries[7]);
        self::assertSame([null, true, 42, State::Fresh, ['t', 'u']], [
            $entries[7]->value,
            $entries[7]->decoded,
            $entries[7]->word,
            $entries[7]->state,
            $entries[7]->tags,
        ]);
        self::assertSame([null, false, $old, 0], [
            $entries['old']->value,
            $entries['old']->decoded,
            $entries['old']->stamp,
            $entries['old']->word,
        ]);
        $raw = $this->pool->rawEntries(['7', 'x', 'old'], $old + 1);
        self::assertSame([7, 'old'], array_keys($raw));
        self::assertSame([null, $entries[7]->token], [$raw[7]['value'], $raw[7]['token']]);
        self::assertSame([$old, CACHE_STATE_FRESH], [$raw['old']['stamp'], $raw['old']['state']]);
        self::assertArrayNotHasKey('value', $raw['old']);
        self::assertContains($this->pool->fullTag('t'), $raw['old']['tags']);
        self::assertSame([7, 'old'], array_keys($this->pool->rawEntries(['7', 'old', '7'])));
        self::assertSame(['old', 7], array_keys($this->pool->rawEntries(['old', 7])));
        self::assertSame(['old', 7], array_keys($this->pool->rawEntries(['x' => 'old', 'y' => 7])));
        self::assertSame(['stamp' => $raw['old']['stamp'], 'tags' => $raw['old']['tags']], $this->pool->rawEntries(['old'], 0, ['tags', 'stamp'])['old']);
        self::assertTrue($this->pool->casDelete('7', $entries[7]->token));
    }

    public function testWalks(): void
    {
        $this->pool->setMulti(['a:1' => 'x', 'a:2' => 'y', '5' => 'z'], tags: ['t']);
        $keys = iterator_to_array($this->pool->keys(), false);
        sort($keys, SORT_STRING);
        self::assertSame(['5', 'a:1', 'a:2'], $keys);
        self::assertSame(2, $this->pool->count('a:'));
        $values = [];
        foreach ($this->pool->walk('a:', values: true) as $key => $entry) {
            $values[$key] = [$entry['value'], $entry['tags'], $entry['state']];
        }
        ksort($values);
        self::assertSame(['a:1' => ['x', ['t'], State::Fresh], 'a:2' => ['y', ['t'], State::Fresh]], $values);
        self::assertTrue($this->pool->deleteByPrefix('a:'));
        self::assertSame(1, $this->pool->count());
    }

    public function testComputesOnceInManyProcesses(): void
    {
        $values = $this->inParallel(6, fn (int $number): string => $this->pool->compute('k', function (string $key, mixed $old): string {
            usleep(50_000);
            $this->pool->inc('builds');

            return "$key " . json_encode($old);
        }));
        self::assertSame(['k null'], array_values(array_unique($values)));
        self::assertSame(1, $this->pool->get('builds'));
    }

    public function testComputesAnewWhatIsStaleOrAging(): void
    {
        $this->pool->set('k', 1, ttl: 60, staleTtl: 60);
        $make = static fn (string $key, mixed $old): int => $old + 1;
        self::assertSame(1, $this->pool->compute('k', $make, 60, 60));
        self::assertSame(2, $this->pool->compute('k', $make, 60, 60, refreshAhead: 61));
        $this->pool->markStale('k');
        self::assertSame(3, $this->pool->compute('k', $make, 60, 60));
        self::assertSame(3, $this->pool->get('k'));
        self::assertSame(['forum'], cache_key_info('forum:k')['tags']);
    }

    public function testALeftRebuildIsAJobOfTheQueue(): void
    {
        $pool = new Pool('forum', ttl: 60, staleTtl: 60, queue: 'rebuild');
        $pool->set('k', 1);
        $pool->markStale('k');
        self::assertSame(1, $pool->compute('k', static fn (): int => self::fail('built here')));
        $lookup = $pool->fetch('k');
        self::assertSame([1, State::Stale, null, true], [$lookup->value, $lookup->state, $lookup->lease, $lookup->pending]);
        $job = cache_queue_pop('rebuild');
        self::assertSame('forum:k', $job['key']);
        cache_queue_ack($job['id'], $job['token']);
        self::assertTrue($pool->push('m', ['p'], queue: 'other'));
        self::assertTrue($pool->push('m', ['q'], queue: 'other'));
        $job = cache_queue_pop('other');
        self::assertSame(['forum:m', ['p']], [$job['key'], $job['payload']]);
        cache_queue_ack($job['id'], $job['token']);
        // A missing value is made here, in one process at a time.
        self::assertSame(5, $pool->compute('new', static fn (): int => 5));
    }

    public function testRandomAheadFollowsXFetch(): void
    {
        $sum = 0.0;
        for ($i = 0; $i < 20_000; $i++) {
            $ahead = Pool::randomAhead(0.5, 2.0);
            self::assertGreaterThanOrEqual(0.0, $ahead);
            $sum += $ahead;
        }
        self::assertEqualsWithDelta(1.0, $sum / 20_000, 0.05); // an exponential distribution's mean: cost * beta
    }

    public function testTheSamePoolInAnotherProcess(): void
    {
        $this->pool->set('k', 'here');
        $output = $this->php('$p = new SharedCache\Pool("forum"); echo $p->get("k"); $p->set("k", "there");');
        self::assertSame('here', $output);
        self::assertSame('there', $this->pool->get('k'));
    }

    public function testStatistics(): void
    {
        self::assertArrayHasKey('failed', Pool::statistics());
        self::assertTrue(Pool::isEnabled());
        self::assertSame(CACHE_KEEP, Pool::KEEP);
    }

    public function testWhatAWorkerStoresWithTheTagsOfThePoolIsFoundByClear(): void
    {
        $pool = new Pool('forum', tags: ['site']);
        self::assertTrue(cache_store("{$pool->prefix}menu", 'menu', tags: $pool->storedTags(['board'])));
        self::assertSame(['board'], $pool->info('menu')['tags']);
        $pool->clear();
        self::assertNull($pool->get('menu'));
    }
}
