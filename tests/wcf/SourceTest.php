<?php

declare(strict_types=1);

namespace Tests\Wcf;

use SharedCache\Pool;
use wcf\system\background\BackgroundQueueHandler;
use wcf\system\cache\CacheHandler;
use wcf\system\cache\source\ICacheSource;
use wcf\system\cache\source\SharedCacheSource;
use wcf\system\cache\tolerant\AbstractTolerantCache;

/** SharedCacheSource: the contract of a cache source, legacy builders on it, and WoltLab's own tolerant caches. */
final class SourceTest extends TestCase
{
    private SharedCacheSource $source;

    protected function setUp(): void
    {
        parent::setUp();
        $this->source = new SharedCacheSource();
    }

    /** As if a value had been set that many seconds ago. */
    private function setAged(string $name, mixed $value, float $age, int $lifetime = 0): void
    {
        $stamp = Pool::now() - (int) ($age * 1e6);
        self::pool()->set("source:$name", $value, $lifetime, 0, [explode('-', $name)[0]], $stamp);
    }

    private function miss(string $name): void
    {
        self::assertNull($this->source->get($name, 0));
        $this->source = new SharedCacheSource(); // another request
    }

    public function testWcfFindsItByItsType(): void
    {
        self::assertInstanceOf(ICacheSource::class, $this->source);
        self::assertInstanceOf(SharedCacheSource::class, CacheHandler::getInstance()->getCacheSource());
    }

    public function testWhatIsSetIsGotten(): void
    {
        foreach ([['a' => [1, 2.5, null]], [], 0, '', false, new \ArrayObject([1])] as $value) {
            $this->source->set('wcf_A', $value, 0);
            $found = $this->source->get('wcf_A', 0);
            is_object($value) ? self::assertEquals($value, $found) : self::assertSame($value, $found);
        }
        $this->miss('wcf_B');
    }

    public function testAValueThatIsOlderThanTheLifetimeIsMissing(): void
    {
        $this->setAged('wcf_A', 'A', 299, 300);
        self::assertSame('A', $this->source->get('wcf_A', 300));
        $this->setAged('wcf_A', 'A', 301, 300);
        $this->miss('wcf_A');
        // also where it was set without limit
        $this->setAged('wcf_B', 'B', 301);
        self::assertSame('B', $this->source->get('wcf_B', 0));
        self::assertSame('B', $this->source->get('wcf_B', 302));
        self::assertNull($this->source->get('wcf_B', 300));
        $this->source->set('wcf_B', 'new', 300);
        self::assertSame('new', $this->source->get('wcf_B', 300));
    }

    public function testFlushTakesOneNameAndWithWildcardAlsoThoseWithParameters(): void
    {
        $all = ['wcf_A', 'wcf_A-' . sha1('1'), 'wcf_A-' . sha1('2'), 'wcf_AB', 'wcf_AB-' . sha1('1')];
        $set = function () use ($all): void {
            foreach ($all as $name) {
                $this->source->set($name, $name, 0);
            }
        };
        $there = fn (): array => array_values(array_filter($all, fn (string $name): bool => self::pool()->has("source:$name")));
        $set();
        $this->source->flush($all[1], false);
        self::assertSame([$all[0], $all[2], $all[3], $all[4]], $there());
        $set();
        $this->source->flush('wcf_A', false);
        self::assertSame(array_slice($all, 1), $there());
        $set();
        $this->source->flush('wcf_A', true);
        self::assertSame([$all[3], $all[4]], $there());
        $set();
        self::assertSame($all, $there());
        $this->source->flushAll();
        self::assertSame([], $there());
        $set();
        self::assertSame($all, $there());
    }

    /** The work of a flush, in entries that it looks at, does not depend on how many there are. */
    public function testFlushesWithWildcardTouchNoEntry(): void
    {
        for ($i = 0; $i < 20_000; $i++) {
            $this->source->set('wcf_Many-' . sha1((string) $i), $i, 0);
        }
        $time = static function (callable $flush): float {
            $times = [];
            for ($i = 0; $i < 21; $i++) {
                $start = hrtime(true);
                $flush();
                $times[] = hrtime(true) - $start;
            }
            sort($times);

            return $times[10] / 1e3;
        };
        self::assertLessThan(50.0, $time(fn () => $this->source->flush('wcf_Many', true)));
        self::assertFalse(self::pool()->has('source:wcf_Many-' . sha1('19999')));
        self::assertLessThan(50.0, $time(fn () => $this->source->flushAll()));
    }

    public function testTheCreationTimeIsThatOfTheValue(): void
    {
        self::assertNull($this->source->getCreationTime('wcf_A', 0));
        self::assertNull($this->source->getCreationTime('wcf_A', 300));
        $this->setAged('wcf_A', 'A', 100);
        self::assertEqualsWithDelta(time() - 100, $this->source->getCreationTime('wcf_A', 0), 1);
        $this->source->flush('wcf_A', false);
        self::assertNull($this->source->getCreationTime('wcf_A', 300));
    }

    /** What it costs does not depend on the value. */
    public function testTheCreationTimeIsToldWithoutDecodingTheValue(): void
    {
        $this->setAged('wcf_A', new Fragile(), 250);
        self::assertIsInt($this->source->getCreationTime('wcf_A', 300));
        self::assertIsInt($this->source->getCreationTime('wcf_A', 0));
        $this->expectExceptionMessage('decoded');
        $this->source->get('wcf_A', 0);
    }

    public function testOnlyOneBuildsWhatIsMissingAndTheOthersWaitForIt(): void
    {
        $answers = $this->inParallel(8, static function (): array {
            $source = new SharedCacheSource();
            $value = $source->get('wcf_A', 300);
            if ($value === null) {
                usleep(5000);
                $source->set('wcf_A', $value = [Source::build()], 300);
            }

            return $value;
        });
        self::assertSame(array_fill(0, 8, [1]), $answers);
        self::assertCount(1, Source::builders());
    }

    public function testWhoHasFoundNothingAndAsksAgainDoesNotWaitForHimself(): void
    {
        $this->configure(wait: 1000.0, lease: 1000.0);
        $source = new SharedCacheSource();
        self::assertNull($source->get('wcf_A', 0));
        self::assertNull($source->get('wcf_A', 0));
        $source->set('wcf_A', 'A', 0);
        self::assertSame('A', $source->get('wcf_A', 0));
    }

    public function testWhoDiesOverABuildIsReplacedByOneWhoWaits(): void
    {
        $builder = $this->fork(static function (callable $say, callable $wait): void {
            $source = new SharedCacheSource();
            $say($source->get('wcf_A', 0));
            $wait();
        });
        self::assertNull($this->hear($builder));
        $waiting = $this->fork(static function (callable $say): string {
            $say('asks');
            $source = new SharedCacheSource();
            if ($source->get('wcf_A', 0) === null) {
                $source->set('wcf_A', 'second', 0);
            }

            return $source->get('wcf_A', 0);
        });
        self::assertSame('asks', $this->hear($waiting));
        $this->kill($builder);
        self::assertSame('second', $this->hear($waiting));
    }

    public function testWhoWaitsTooLongBuildsForHimselfAndDoesNotDisturbTheOther(): void
    {
        $this->configure(wait: 0.05);
        $builder = $this->fork(static function (callable $say, callable $wait): void {
            $source = new SharedCacheSource();
            $say($source->get('wcf_A', 0));
            $wait();
            $source->set('wcf_A', 'first', 0);
        });
        self::assertNull($this->hear($builder));
        $source = new SharedCacheSource();
        self::assertNull($source->get('wcf_A', 0));
        $source->set('wcf_A', 'own', 0);
        self::assertFalse(self::pool()->has('source:wcf_A'));
        self::assertNull($this->step($builder));
        self::assertSame('first', $source->get('wcf_A', 0));
    }

    public function testWithinTheGraceOnlyTheOneWhoBuildsNoticesThatAValueHasExpired(): void
    {
        $this->configure(wait: 0.05, grace: 30.0);
        $this->source = new SharedCacheSource();
        $this->source->set('wcf_A', 'old', 300);
        $key = 'source:wcf_A';
        $expire = static fn (float $age): bool => self::pool()->set($key, 'old', 300, 30, ['wcf_A'], Pool::now() - (int) ($age * 1e6));
        self::assertSame(30.0, (float) self::pool()->info($key)['stale_ttl']);
        foreach (['one' => fn () => $this->source->flush('wcf_A', false), 'all' => fn () => $this->source->flush('wcf_A', true)] as $flush) {
            $expire(310);
            $builder = $this->fork(static function (callable $say, callable $wait): string {
                $source = new SharedCacheSource();
                $say($source->get('wcf_A', 300));
                $wait();
                $source->set('wcf_A', 'new', 300);

                return $source->get('wcf_A', 300);
            });
            self::assertNull($this->hear($builder));
            self::assertSame('old', (new SharedCacheSource())->get('wcf_A', 300));
            self::assertSame('new', $this->step($builder));
            self::assertSame('new', (new SharedCacheSource())->get('wcf_A', 300));
            $this->kill($builder);
            $expire(310);
            $flush();
            $builder = $this->fork(static function (callable $say, callable $wait): void {
                $source = new SharedCacheSource();
                $say($source->get('wcf_A', 300));
                $wait();
            });
            self::assertNull($this->hear($builder));
            $this->miss('wcf_A'); // and not the old one, although another one builds
            $this->kill($builder);
        }
        $expire(331);
        $this->miss('wcf_A');
    }

    /** What reads before a change, and sets after the flush that follows it. */
    public function testALateSetAfterAFlushIsNotStored(): void
    {
        foreach (['one' => fn () => $this->source->flush('wcf_A-' . sha1('1'), false),
            'wildcard' => fn () => $this->source->flush('wcf_A', true),
            'all' => fn () => $this->source->flushAll()] as $what => $flush) {
            $late = new SharedCacheSource();
            self::assertNull($late->get('wcf_A-' . sha1('1'), 0));
            $flush();
            $late->set('wcf_A-' . sha1('1'), 'before the change', 0);
            self::assertFalse(self::pool()->has('source:wcf_A-' . sha1('1')), $what);
            $late->set('wcf_A-' . sha1('1'), 'later', 0); // without a get(): it is taken
            self::assertSame('later', $late->get('wcf_A-' . sha1('1'), 0), $what);
            $this->source->flushAll();
        }
    }

    public function testLegacyBuildersWork(): void
    {
        $number = static fn (array $parameters = []): int => NumberCacheBuilder::inNewRequest()->getData($parameters, 'number');
        self::assertSame(1, $number());
        self::assertSame(1, $number(['board' => 7]));
        Source::change();
        self::assertSame(1, $number());
        self::assertSame(1, $number(['board' => 7]));
        self::assertCount(2, Source::builders());
        NumberCacheBuilder::getInstance()->reset(['board' => 7]);
        self::assertSame([1, 2], [$number(), $number(['board' => 7])]);
        Source::change();
        NumberCacheBuilder::getInstance()->reset(); // all
        self::assertSame([3, 3], [$number(), $number(['board' => 7])]);
        self::assertSame(['board' => 7], NumberCacheBuilder::inNewRequest()->getData(['board' => 7], 'parameters'));
        Source::change();
        CacheHandler::getInstance()->flushAll();
        self::assertSame([4, 4], [$number(), $number(['board' => 7])]);
    }

    public function testEightReadersOfALegacyBuilderMakeOneBuildAfterAReset(): void
    {
        NumberCacheBuilder::inNewRequest()->getData();
        Source::change();
        NumberCacheBuilder::getInstance()->reset();
        $numbers = $this->inParallel(8, static function (): int {
            Source::$stop = static fn (): mixed => usleep(5000);

            return NumberCacheBuilder::inNewRequest()->getData([], 'number');
        });
        self::assertSame(array_fill(0, 8, 2), $numbers);
        self::assertCount(2, Source::builders());
    }

    public function testExactlyOneOfTwentyFourIsNamedToRebuild(): void
    {
        $this->setAged('wcf_A', 'A', 0.85 * 300);
        $named = $this->inParallel(24, static fn (): bool => self::isNamed('wcf_A'));
        self::assertCount(1, array_filter($named));
    }

    public function testBeforeFourFifthsOfTheLifetimeNobodyIsNamed(): void
    {
        $this->setAged('wcf_A', 'A', 0.79 * 300);
        self::assertNotContains(true, $this->inParallel(24, static fn (): bool => self::isNamed('wcf_A')));
    }

    public function testTheFractionOfTheLifetimeIsChosen(): void
    {
        foreach (['wcf_A' => 0.25, 'wcf_B' => 0.5, 'wcf_C' => 1.0] as $name => $refresh) {
            $this->configure(refresh: $refresh);
            $this->setAged($name, 'A', ($refresh - 0.02) * 300);
            self::assertFalse(self::isNamed($name), "before $refresh");
            $this->setAged($name, 'A', ($refresh + 0.02) * 300);
            self::assertTrue(self::isNamed($name), "after $refresh");
        }
    }

    public function testWhoIsNamedAndDiesIsReplacedAfterTheClaim(): void
    {
        $this->configure(claim: 0);
        $this->setAged('wcf_A', 'A', 3000);
        $process = $this->fork(static fn (): bool => self::isNamed('wcf_A'));
        self::assertTrue($this->hear($process));
        $this->kill($process);
        self::assertTrue(self::isNamed('wcf_A')); // the claim lasts for 0 seconds
        $this->configure(claim: 60);
        self::assertTrue(self::isNamed('wcf_A'));
        self::assertFalse(self::isNamed('wcf_A'));
    }

    public function testAfterTheRebuildTheNextLifetimeBegins(): void
    {
        $this->setAged('wcf_A', 'A', 3000);
        self::assertTrue(self::isNamed('wcf_A'));
        $this->source->set('wcf_A', 'B', 0);
        self::assertFalse(self::isNamed('wcf_A'));
        self::assertEqualsWithDelta(time(), $this->source->getCreationTime('wcf_A', 0), 1);
    }

    /** As WoltLab's class sees it: does the time say that the lifetime is over, whatever chance draws? */
    private static function isNamed(string $name): bool
    {
        return \TIME_NOW >= (new SharedCacheSource())->getCreationTime($name, 300) + 300;
    }

    private static function needWoltlabsTolerantCache(): void
    {
        if (!class_exists(AbstractTolerantCache::class)) {
            self::markTestSkipped('This WCF has no tolerant caches: they came with 6.2');
        }
    }

    public function testTwentyFourReadersOfWoltlabsOwnTolerantCacheEnqueueExactlyOnce(): void
    {
        self::needWoltlabsTolerantCache();
        foreach ([0.85, 10] as $lifetimes) {
            cache_clear();
            $this->setAged(WoltlabNumber::NAME, ['number' => -1], $lifetimes * 300);
            $enqueued = $this->inParallel(24, static function (): int {
                (new WoltlabNumber())->getCache();

                return BackgroundQueueHandler::$enqueued;
            });
            self::assertSame(1, array_sum($enqueued), "at $lifetimes of the lifetime");
        }
        self::assertSame([], Source::builders());
    }

    public function testBeforeFourFifthsWoltlabsOwnTolerantCacheEnqueuesNothing(): void
    {
        self::needWoltlabsTolerantCache();
        $this->setAged(WoltlabNumber::NAME, ['number' => -1], 0.79 * 300);
        $enqueued = $this->inParallel(24, static function (): int {
            for ($i = 0; $i < 20; $i++) { // chance would strike in one of 500 draws
                self::assertSame(['number' => -1], (new WoltlabNumber())->getCache());
            }

            return BackgroundQueueHandler::$enqueued;
        });
        self::assertSame(0, array_sum($enqueued));
    }

    public function testEightColdReadersOfWoltlabsOwnTolerantCacheMakeOneBuild(): void
    {
        self::needWoltlabsTolerantCache();
        $results = $this->inParallel(8, static function (): array {
            Source::$stop = static fn (): mixed => usleep(5000);

            return [(new WoltlabNumber())->getCache()['number'], BackgroundQueueHandler::$enqueued];
        });
        self::assertSame(array_fill(0, 8, [1, 0]), $results);
        self::assertCount(1, Source::builders());
    }
}
