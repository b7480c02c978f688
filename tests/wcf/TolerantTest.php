<?php

declare(strict_types=1);

namespace Tests\Wcf;

use SharedCache\Rebuild\Outcome;
use SharedCache\State;
use wcf\system\cache\shared\RebuildQueue;

/** AbstractSharedTolerantCache: any age is served, and one rebuild is started, which nothing loses. */
final class TolerantTest extends TestCase
{
    private static function value(int $number, int $board = 1): array
    {
        return ['board' => $board, 'number' => $number];
    }

    protected function setUp(): void
    {
        parent::setUp();
        $this->configure(self::QUEUE);
    }

    public function testAnyAgeIsServedAtOnce(): void
    {
        foreach ([0.5, 10, 1000] as $lifetimes) {
            self::putAged(new TolerantNumber(), self::value(-1), 300 * $lifetimes);
            self::assertSame(self::value(-1), self::see(new TolerantNumber()));
        }
        self::assertSame([], Source::builders());
        self::assertSame(1, self::waiting());
    }

    public function testTwentyFourReadersQueueExactlyOneJobAfterFourFifthsOfTheLifetime(): void
    {
        self::putAged(new TolerantNumber(), self::value(-1), 0.85 * 300);
        $pushed = cache_queue_info(self::QUEUE)['pushed'] ?? 0;
        $values = $this->inParallel(24, static fn (): array => self::see(new TolerantNumber()));
        self::assertSame(array_fill(0, 24, self::value(-1)), $values);
        self::assertSame(1, self::waiting());
        self::assertSame($pushed + 1, cache_queue_info(self::QUEUE)['pushed']);
        self::assertSame([], Source::builders());
    }

    public function testTwentyFourReadersQueueExactlyOneJobForAStaleValue(): void
    {
        self::putAged(new TolerantNumber(), self::value(-1), 10 * 300);
        $pushed = cache_queue_info(self::QUEUE)['pushed'] ?? 0;
        $this->inParallel(24, static fn (): array => self::see(new TolerantNumber()));
        self::assertSame(1, self::waiting());
        self::assertSame($pushed + 1, cache_queue_info(self::QUEUE)['pushed']);
    }

    public function testBeforeFourFifthsOfTheLifetimeNobodyQueuesAJob(): void
    {
        self::putAged(new TolerantNumber(), self::value(-1), 0.79 * 300);
        $this->inParallel(24, static fn (): array => self::see(new TolerantNumber()));
        self::assertSame(0, self::waiting());
        self::assertSame([], Source::builders());
    }

    public function testTheFractionOfTheLifetimeIsChosen(): void
    {
        foreach ([0.25, 0.5, 0.9] as $board => $refresh) {
            $this->configure(self::QUEUE, refresh: $refresh);
            $cache = new TolerantNumber($board);
            self::putAged($cache, self::value(-1, $board), ($refresh - 0.02) * 300);
            self::see($cache);
            self::assertSame($board, self::waiting(), "before $refresh");
            self::putAged($cache, self::value(-1, $board), ($refresh + 0.02) * 300);
            self::see($cache);
            self::assertSame($board + 1, self::waiting(), "after $refresh");
        }
    }

    public function testWithoutAQueueExactlyOneOfTwentyFourReadersRebuilds(): void
    {
        $this->configure();
        self::putAged(new TolerantNumber(), self::value(-1), 0.85 * 300);
        $this->inParallel(24, static fn (): array => self::see(new TolerantNumber()));
        self::assertCount(1, Source::builders());
        self::assertFresh(self::value(1), new TolerantNumber());
    }

    public function testEightColdReadersMakeOneBuildAndSeeEightEqualValues(): void
    {
        $values = $this->inParallel(8, static function (): array {
            Source::$stop = static fn (): mixed => usleep(5000);

            return self::see(new TolerantNumber());
        });
        self::assertSame(array_fill(0, 8, self::value(1)), $values);
        self::assertCount(1, Source::builders());
        self::assertSame(0, self::waiting());
    }

    public function testTheWorkerBuildsWhatReadersAskFor(): void
    {
        self::putAged(new TolerantNumber(7), self::value(-1, 7), 290);
        self::see(new TolerantNumber(7));
        self::assertSame(Outcome::Built, self::work());
        self::assertFresh(self::value(1, 7), new TolerantNumber(7));
        self::assertSame(300.0, (float) self::pool()->info(self::key(new TolerantNumber(7)))['ttl']);
        self::assertNull(self::work(0.0));
    }

    public function testAResetMakesNobodyWait(): void
    {
        self::see(new TolerantNumber());
        Source::change();
        (new TolerantNumber())->reset();
        self::assertSame(self::value(1), self::see(new TolerantNumber()));
        self::assertSame(1, self::waiting());
        self::assertSame(Outcome::Built, self::work());
        self::assertSame(self::value(2), self::see(new TolerantNumber()));
        self::assertNull(self::work(0.0));
    }

    public function testAChangeDuringTheRunLeadsToOneMoreRun(): void
    {
        self::see(new TolerantNumber());
        Source::change();
        (new TolerantNumber())->reset();
        $worker = $this->fork(static function (callable $say, callable $wait): array {
            self::stopBuilders($say, $wait);
            $outcomes = [];
            while ($outcome = self::work(0.5)) {
                $outcomes[] = $outcome;
            }

            return $outcomes;
        });
        self::assertSame('before', $this->hear($worker));
        self::assertSame('after', $this->step($worker)); // it has read 2
        Source::change();
        (new TolerantNumber())->reset();
        self::assertSame('before', $this->step($worker)); // 2 is not stored
        self::assertStale(self::value(1), new TolerantNumber());
        self::assertSame('after', $this->step($worker));
        do {
            $outcomes = $this->step($worker);
        } while (is_string($outcomes));
        // The second push makes the job run once more, whatever the first run has seen.
        self::assertCount(2, $outcomes);
        self::assertSame(Outcome::Built, $outcomes[0]);
        self::assertFresh(self::value(3), new TolerantNumber());
    }

    public function testAJobThatIsEnqueuedWhileItRunsRunsOnceMore(): void
    {
        RebuildQueue::enqueue(TolerantNumber::class);
        $worker = $this->fork(static function (callable $say, callable $wait): array {
            self::stopBuilders($say, $wait);

            return [self::work(), self::work()];
        });
        self::assertSame('before', $this->hear($worker));
        self::assertSame('after', $this->step($worker));
        Source::change();
        self::assertTrue(RebuildQueue::enqueue(TolerantNumber::class)); // without a mark, as code would that knows the queue only
        self::assertSame('before', $this->step($worker));
        self::assertSame('after', $this->step($worker));
        self::assertSame([Outcome::Built, Outcome::Built], $this->step($worker));
        self::assertFresh(self::value(2), new TolerantNumber());
        self::assertCount(2, Source::builders());
    }

    public function testAWorkerThatIsKilledInTheBuilderIsReplacedAtOnce(): void
    {
        self::putAged(new TolerantNumber(), self::value(-1), 3000);
        self::see(new TolerantNumber());
        $worker = $this->forkWorker();
        self::assertSame('before', $this->hear($worker));
        self::assertSame(0, self::waiting());
        $this->kill($worker);
        self::assertSame(self::value(-1), self::see(new TolerantNumber()));
        $job = cache_queue_pop(self::QUEUE, 5.0);
        self::assertSame(2, $job['attempt']);
        cache_queue_fail($job['id'], $job['token'], null, 0.0);
        self::assertSame(Outcome::Built, self::work());
        self::assertFresh(self::value(1), new TolerantNumber());
    }

    public function testAReaderThatIsKilledWhileItRebuildsIsReplacedByTheNext(): void
    {
        $this->configure();
        self::putAged(new TolerantNumber(), self::value(-1), 3000);
        $reader = $this->fork(static function (callable $say, callable $wait): array {
            self::stopBuilders($say, $wait);

            return self::see(new TolerantNumber());
        });
        self::assertSame('before', $this->hear($reader));
        self::assertSame(self::value(-1), self::see(new TolerantNumber()));
        self::assertCount(1, Source::builders());
        $this->kill($reader);
        // Whether the owner of a lease lives is looked at 20 times a second.
        $this->await(static fn (): bool => self::see(new TolerantNumber()) && count(Source::builders()) === 2, 'the next one rebuilds');
        self::assertSame([$reader, getmypid()], Source::builders());
        self::assertFresh(self::value(1), new TolerantNumber());
    }

    public function testAWorkerThatIsStoppedIsReplacedAfterItsLeaseAndItsValueIsRefused(): void
    {
        self::putAged(new TolerantNumber(), self::value(-1), 3000);
        self::see(new TolerantNumber());
        $stopped = $this->forkWorker(0.2);
        self::assertSame('before', $this->hear($stopped));
        self::assertSame('after', $this->step($stopped));
        posix_kill($stopped, SIGSTOP);
        Source::change();
        self::assertSame(Outcome::Built, self::work(5.0, 10.0));
        posix_kill($stopped, SIGCONT);
        Source::change();
        // Its commit is refused, the value that is there is fresh; so is its acknowledgement.
        self::assertSame(Outcome::Lost, $this->step($stopped));
        self::assertFresh(self::value(2), new TolerantNumber());
    }

    public function testRebuildBuildsHereAndNow(): void
    {
        self::see(new TolerantNumber());
        Source::change();
        (new TolerantNumber())->rebuild();
        self::assertFresh(self::value(2), new TolerantNumber());
        self::assertSame(0, self::waiting());
    }

    public function testTheNextRebuildIsDueAfterFourFifthsOfTheLifetime(): void
    {
        self::assertEqualsWithDelta(time(), (new TolerantNumber())->nextRebuildTime(), 1);
        self::putAged(new TolerantNumber(), self::value(-1), 100);
        self::assertEqualsWithDelta(time() + 140, (new TolerantNumber())->nextRebuildTime(), 1);
        self::putAged(new TolerantNumber(), self::value(-1), 1000);
        self::assertEqualsWithDelta(time(), (new TolerantNumber())->nextRebuildTime(), 1);
    }

    public function testAFullQueueIsNoReasonToLeaveAValueToNobody(): void
    {
        self::putAged(new TolerantNumber(), self::value(-1), 3000);
        for ($i = 0; cache_queue_push(self::QUEUE, "filler $i") === 1; $i++) {
            continue;
        }
        self::see(new TolerantNumber());
        self::assertCount(1, Source::builders());
        self::assertFresh(self::value(1), new TolerantNumber());
    }

    public function testFlushAllMakesAlsoWhatAWorkerHasBuiltMissing(): void
    {
        RebuildQueue::enqueue(TolerantNumber::class);
        self::assertSame(Outcome::Built, self::work());
        self::pool()->clear();
        self::assertSame(State::Missing, self::pool()->peek(self::key(new TolerantNumber()))->state);
        Source::change();
        self::assertSame(self::value(2), self::see(new TolerantNumber()));
    }
}
