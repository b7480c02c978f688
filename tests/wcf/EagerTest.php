<?php

declare(strict_types=1);

namespace Tests\Wcf;

use wcf\system\cache\shared\RebuildQueue;

/** AbstractSharedEagerCache: rebuilt by whoever changes the source; no older value ever wins. */
final class EagerTest extends TestCase
{
    private static function value(int $number, int $board = 1, array $flags = []): array
    {
        return ['board' => $board, 'number' => $number, 'flags' => $flags];
    }

    public function testAValueIsBuiltOnceAndKeptForEver(): void
    {
        self::assertSame(self::value(1), self::see(new EagerNumber()));
        Source::change();
        self::assertSame(self::value(1), self::see(new EagerNumber()));
        self::assertCount(1, Source::builders());
        self::assertSame(0, self::pool()->info(self::key(new EagerNumber()))['ttl']);
    }

    public function testParametersOfTheConstructorTellCachesApart(): void
    {
        self::assertSame(self::value(1, 2, ['a' => 1.0]), self::see(new EagerNumber(2, ['a' => 1.0])));
        Source::change();
        self::assertSame(self::value(2, 2, ['a' => 1]), self::see(new EagerNumber(2, ['a' => 1])));
        self::assertSame(self::value(2, 3), self::see(new EagerNumber(3)));
        Source::change();
        (new EagerNumber(3))->reset();
        self::assertSame(self::value(3, 3), self::see(new EagerNumber(3)));
        self::assertSame(self::value(1, 2, ['a' => 1.0]), self::see(new EagerNumber(2, ['a' => 1.0])));
    }

    public function testAResetRebuildsAtOnceAndOnce(): void
    {
        self::see(new EagerNumber());
        Source::change();
        (new EagerNumber())->reset();
        self::assertFresh(self::value(2), new EagerNumber());
        self::assertCount(2, Source::builders());
        self::assertSame(self::value(2), self::see(new EagerNumber()));
        self::assertCount(2, Source::builders());
    }

    public function testARequestGoesOnSeeingWhatItHasSeen(): void
    {
        $cache = new EagerNumber();
        $cache->getCache();
        Source::change();
        (new EagerNumber())->reset();
        self::assertSame(self::value(1), $cache->getCache());
        self::assertSame(self::value(1), (new EagerNumber())->getCache());
        self::assertSame(self::value(2), self::see(new EagerNumber()));
    }

    /** Two changes, of each the reading of the source and the storing: all orders. */
    public function sixInterleavings(): iterable
    {
        foreach (['AABB', 'ABAB', 'ABBA', 'BAAB', 'BABA', 'BBAA'] as $order) {
            $steps = '';
            foreach (str_split($order) as $i => $writer) {
                $steps .= str_repeat($writer, str_contains(substr($order, 0, $i), $writer) ? 1 : 3);
            }
            yield $order => [$steps];
        }
    }

    /** @dataProvider sixInterleavings */
    public function testTheHighestTicketWinsInAllSixInterleavings(string $steps): void
    {
        $this->interleave($steps);
    }

    /** Commit, ticket, read and store are steps of their own: 70 orders. */
    public function testTheHighestTicketWinsWhereverTheFourStepsAreInterrupted(): void
    {
        $orders = 0;
        for ($bits = 0; $bits < 256; $bits++) {
            $steps = strtr(sprintf('%08b', $bits), '01', 'AB');
            if (substr_count($steps, 'A') === 4) {
                cache_clear();
                $this->interleave($steps);
                $orders++;
            }
        }
        self::assertSame(70, $orders);
    }

    /** The same where there is no value yet, for whom a mark would have nothing to mark. */
    public function testTheHighestTicketWinsAlsoForAMissingValue(): void
    {
        foreach ($this->sixInterleavings() as [$steps]) {
            cache_clear();
            $this->interleave($steps, false);
        }
    }

    /** Without waiting for the lock, which would forbid most of the orders. */
    private function interleave(string $steps, bool $exists = true): void
    {
        $this->configure(wait: 0.0);
        if ($exists) {
            (new EagerNumber())->reset();
        }
        $writer = function (callable $say, callable $wait): string {
            self::stopBuilders($say, $wait);
            $wait();
            Source::change();
            $say('committed');
            $wait();
            (new EagerNumber())->reset();

            return 'done';
        };
        $writers = ['A' => $this->fork($writer), 'B' => $this->fork($writer)];
        $at = ['A' => '', 'B' => ''];
        // What is left over is needed by who must begin anew.
        foreach (str_split($steps . str_repeat('A', 8) . str_repeat('B', 8)) as $name) {
            if ($at[$name] !== 'done') {
                $at[$name] = $this->step($writers[$name]);
            }
        }
        self::assertSame(['A' => 'done', 'B' => 'done'], $at, $steps);
        array_map($this->kill(...), $writers);
        self::assertFresh(self::value(Source::number()), new EagerNumber(), $steps);
    }

    public function testManyChangesAtOnceLeadToTwoBuildsAndReadersSeeProgress(): void
    {
        $this->configure(self::QUEUE);
        $key = self::key(new EagerNumber());
        self::see(new EagerNumber());
        $writer = static function (callable $say, callable $wait): string {
            self::stopBuilders($say, $wait);
            Source::change();
            (new EagerNumber())->reset();

            return 'done';
        };
        $first = $this->fork($writer);
        self::assertSame('before', $this->hear($first));
        self::assertSame('after', $this->step($first));
        $others = [];
        for ($i = 0; $i < 3; $i++) {
            $token = self::pool()->entries([$key])[$key]->token;
            $others[] = $this->fork($writer);
            $this->await(static fn (): bool => self::pool()->entries([$key])[$key]->token !== $token, 'it has marked the value');
        }
        self::assertSame(5, Source::number());
        // Nobody has the lease any more, but the lock: readers leave it to those who wait for that.
        self::assertSame(self::value(1), self::see(new EagerNumber()));
        self::assertSame(0, self::waiting());
        self::assertSame('done', $this->step($first));
        $this->await(static fn (): bool => count(Source::builders()) === 3, 'one of the others builds');
        self::assertStale(self::value(2), new EagerNumber()); // newer than before, and known not to be the newest
        $second = array_search(Source::builders()[2], $others, true);
        self::assertIsInt($second);
        self::assertSame('before', $this->hear($others[$second]));
        self::assertSame('after', $this->step($others[$second]));
        $this->letGo($others[$second]);
        foreach ($others as $process) {
            self::assertSame('done', $this->hear($process));
        }
        self::assertCount(3, Source::builders()); // with the one that was there before
        self::assertFresh(self::value(5), new EagerNumber());
    }

    public function testALateBuildIsNoProgressWhereAWorkerHasStoredANewerOne(): void
    {
        $this->configure(self::QUEUE);
        self::see(new EagerNumber());
        $late = $this->fork(static function (callable $say, callable $wait): string {
            self::stopBuilders($say, $wait);
            Source::change();
            (new EagerNumber())->reset();

            return 'done';
        });
        self::assertSame('before', $this->hear($late));
        self::assertSame('after', $this->step($late)); // it has read 2
        Source::change();
        self::pool()->markStale(self::key(new EagerNumber()));
        RebuildQueue::enqueue(EagerNumber::class);
        self::assertSame('built', self::work()->value);
        Source::change();
        self::pool()->markStale(self::key(new EagerNumber()));
        self::assertSame('done', $this->step($late));
        self::assertStale(self::value(3), new EagerNumber());
    }

    public function testChangesFromManyProcessesEndWithTheTruth(): void
    {
        self::see(new EagerNumber());
        $lock = self::pool();
        // It is the last store that must be right: so there are many last ones.
        for ($round = 1; $round <= 20; $round++) {
            $results = $this->inParallel(4, static function () use ($lock): bool {
                Source::$stop = static fn (string $point): mixed => $point === 'after' ? usleep(mt_rand(0, 2000)) : null;
                for ($i = 0; $i < 3; $i++) {
                    $transaction = $lock->lockForWrite('transaction', INF);
                    Source::change();
                    $transaction->release();
                    (new EagerNumber())->reset();
                    $seen = self::see(new EagerNumber())['number'];
                    if ($seen > Source::number()) {
                        return false; // a value from the future
                    }
                }

                return true;
            });
            self::assertSame([true, true, true, true], $results);
            self::assertSame(1 + 12 * $round, Source::number());
            self::assertFresh(self::value(1 + 12 * $round), new EagerNumber(), "round $round");
        }
        self::assertLessThanOrEqual(241, count(Source::builders()));
    }

    public function testAfterItsResetAChangeIsSeenByAll(): void
    {
        self::see(new EagerNumber());
        $results = $this->inParallel(4, static function (): array {
            $late = [];
            for ($i = 0; $i < 50; $i++) {
                $transaction = self::pool()->lockForWrite('transaction', INF);
                $number = Source::change();
                $transaction->release();
                (new EagerNumber())->reset();
                $seen = self::see(new EagerNumber())['number'];
                if ($seen < $number) {
                    $late[] = "$seen instead of $number";
                }
            }

            return $late;
        });
        self::assertSame([[], [], [], []], $results);
    }

    public function testReadersAreServedTheOldValueDuringAResetAndNeverBuild(): void
    {
        $this->configure(self::QUEUE);
        self::see(new EagerNumber());
        $writer = $this->fork(static function (callable $say, callable $wait): string {
            self::stopBuilders($say, $wait);
            Source::change();
            (new EagerNumber())->reset();

            return 'done';
        });
        self::assertSame('before', $this->hear($writer));
        $readers = $this->inParallel(8, static fn (): array => self::see(new EagerNumber()));
        self::assertSame(array_fill(0, 8, self::value(1)), $readers);
        self::assertSame(0, self::waiting());
        self::assertSame('after', $this->step($writer));
        self::assertSame('done', $this->step($writer));
        self::assertSame([getmypid(), $writer], Source::builders());
        self::assertSame(self::value(2), self::see(new EagerNumber()));
    }

    public function testEightColdReadersMakeOneBuildAndSeeEightEqualValues(): void
    {
        $values = $this->inParallel(8, static function (): array {
            Source::$stop = static fn (): mixed => usleep(5000);

            return self::see(new EagerNumber());
        });
        self::assertSame(array_fill(0, 8, self::value(1)), $values);
        self::assertCount(1, Source::builders());
    }

    public function testAColdReaderThatDiesWhileItBuildsIsReplacedByOneThatWaits(): void
    {
        $builder = $this->fork(static function (callable $say, callable $wait): array {
            self::stopBuilders($say, $wait);

            return self::see(new EagerNumber());
        });
        self::assertSame('before', $this->hear($builder));
        $waiting = $this->fork(static function (callable $say): array {
            $say('reads');

            return self::see(new EagerNumber());
        });
        self::assertSame('reads', $this->hear($waiting));
        $this->kill($builder);
        self::assertSame(self::value(1), $this->hear($waiting));
        self::assertSame([$builder, $waiting], Source::builders());
    }

    public function testAColdReaderDoesNotStoreWhatAChangeHasOutdated(): void
    {
        $reader = $this->fork(static function (callable $say, callable $wait): array {
            self::stopBuilders($say, $wait);

            return self::see(new EagerNumber());
        });
        self::assertSame('before', $this->hear($reader));
        self::assertSame('after', $this->step($reader));
        Source::change();
        (new EagerNumber())->reset();
        self::assertContains($this->step($reader), [self::value(1), self::value(2)]);
        self::assertFresh(self::value(2), new EagerNumber());
    }

    /** @return array{int} */
    private function killInReset(): array
    {
        self::see(new EagerNumber());
        $writer = $this->fork(static function (callable $say, callable $wait): void {
            self::stopBuilders($say, $wait);
            Source::change();
            (new EagerNumber())->reset();
        });
        self::assertSame('before', $this->hear($writer));
        $this->kill($writer);

        return [$writer];
    }

    public function testAfterADeathInResetTheNextReaderSeesToIt(): void
    {
        [$writer] = $this->killInReset();
        self::assertStale(self::value(1), new EagerNumber());
        // On a web server it answers with the old value, and rebuilds after that. Whether an owner lives is looked at 20 times
        // a second.
        $this->await(static fn (): bool => self::see(new EagerNumber()) && count(Source::builders()) === 3, 'it rebuilds');
        self::assertFresh(self::value(2), new EagerNumber());
        self::assertSame([getmypid(), $writer, getmypid()], Source::builders());
    }

    public function testAfterADeathInResetReadersQueueOneJobForTheWorker(): void
    {
        $this->configure(self::QUEUE);
        [$writer] = $this->killInReset();
        $this->await(static fn (): bool => self::see(new EagerNumber()) && self::waiting() === 1, 'a job is queued');
        $readers = $this->inParallel(8, static fn (): array => self::see(new EagerNumber()));
        self::assertSame(array_fill(0, 8, self::value(1)), $readers);
        self::assertSame(1, self::waiting());
        self::assertSame([getmypid(), $writer], Source::builders());
        self::assertSame('built', self::work()->value);
        self::assertFresh(self::value(2), new EagerNumber());
    }

    public function testAStoppedResetIsTakenOverAndItsValueIsRefused(): void
    {
        $this->configure(lease: 0.2);
        self::see(new EagerNumber());
        $stopped = $this->fork(static function (callable $say, callable $wait): string {
            self::stopBuilders($say, $wait);
            Source::change();
            (new EagerNumber())->reset();

            return 'done';
        });
        self::assertSame('before', $this->hear($stopped));
        self::assertSame('after', $this->step($stopped));
        posix_kill($stopped, SIGSTOP);
        Source::change();
        (new EagerNumber())->reset();
        self::assertFresh(self::value(3), new EagerNumber());
        posix_kill($stopped, SIGCONT);
        self::assertSame('done', $this->step($stopped));
        self::assertFresh(self::value(3), new EagerNumber());
    }

    public function testABuilderThatThrowsLeavesTheOldValueAsStaleAndNoLock(): void
    {
        self::see(new EagerNumber());
        Source::change();
        Source::$stop = static fn () => throw new \RuntimeException('the database is gone');
        try {
            (new EagerNumber())->reset();
            self::fail('the exception came through');
        } catch (\RuntimeException $exception) {
            self::assertSame('the database is gone', $exception->getMessage());
        }
        self::assertStale(self::value(1), new EagerNumber());
        Source::$stop = null;
        $other = $this->fork(static function (): void {
            (new EagerNumber())->reset();
        });
        $this->hear($other);
        self::assertFresh(self::value(2), new EagerNumber());
    }
}
