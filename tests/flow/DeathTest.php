<?php

declare(strict_types=1);

namespace SharedCache\Tests\Flow;

use SharedCache\Index\Mode;

/** Writers that are killed at each step. */
final class DeathTest extends TestCase
{
    private const STEPS = ['before the mark', 'after the mark', 'after the commit', 'within the merge', 'between two buckets'];

    /** @return iterable<string, array{Mode, string}> */
    public static function steps(): iterable
    {
        foreach (self::modes() as $name => [$mode]) {
            foreach (self::STEPS as $step) {
                if ($mode === Mode::UpdateInPlace || !in_array($step, ['within the merge', 'between two buckets'], true)) {
                    yield "$step, $name" => [$mode, $step];
                }
            }
        }
    }

    /**
     * @dataProvider steps
     */
    public function testNobodySeesOldRowsAsFresh(Mode $mode, string $step): void
    {
        $wiki = $this->prepared($mode);
        $writer = $this->writer($mode, $step);
        self::assertSame($step, $this->hear($writer));

        $committed = !in_array($step, ['before the mark', 'after the mark'], true);
        $expected = $committed ? [3, 2, 1] : [2, 1];
        foreach (['alive', 'dead'] as $state) {
            if ($state === 'dead') {
                $this->kill($writer);
            }
            $began = hrtime(true);
            for ($i = 0; $i < 2; $i++) {
                // Of different processes: no reader may be misled by another one's fill.
                $read = $this->hear($this->fork(static function () use ($mode): array {
                    $wiki = new Wiki($mode);

                    return [$wiki->ids(), $wiki->topics->get(2)->title, $wiki->lies()];
                }));
                self::assertSame([$expected, $committed ? 'new' : 'old', []], $read, "$step, $state");
            }
            self::assertLessThan(2e9, hrtime(true) - $began, 'nobody waits for the writer');
        }
        self::assertSame($expected, array_column($wiki->cached(), 'id'), 'the cache is of use again');
        // The next one who writes is not disturbed by what the dead one has left.
        $wiki->post(1, 9);
        self::assertSame([4 - (int) !$committed, ...$expected], $wiki->ids());
        self::assertSame([], $wiki->lies());
    }

    /** @dataProvider modes */
    public function testAWriterThatFollowsADeadOneDoesNotTakeItsRowsForGranted(Mode $mode): void
    {
        $wiki = $this->prepared($mode);
        $this->hear($writer = $this->writer($mode, 'after the commit'));
        $this->kill($writer);
        $wiki->post(1, 9);
        self::assertSame([], $wiki->lies(), 'nobody has read in between');
        self::assertSame([4, 3, 2, 1], $wiki->ids());
        self::assertSame([4, 3, 2, 1], array_column($wiki->cached(), 'id'));
    }

    /** @dataProvider modes */
    public function testACommitThatMayStillBeOnTheWayIsWaitedFor(Mode $mode): void
    {
        $this->prepared($mode);
        $this->hear($writer = $this->writer($mode, 'after the mark'));
        $this->kill($writer);
        $careful = new Wiki($mode, grace: 60);
        for ($i = 0; $i < 2; $i++) {
            self::assertSame([2, 1], $careful->ids());
            self::assertFalse($careful->cached(), 'the bucket stays dirty');
        }
        // The database server commits what it was sent by the dead client.
        $careful->database->exec("INSERT INTO topic VALUES (3, 1, 3, 'late', null)");
        self::assertSame([3, 2, 1], $careful->ids());
        $later = new Wiki($mode, grace: 0);
        self::assertSame([3, 2, 1], $later->ids());
        self::assertSame([3, 2, 1], array_column($later->cached(), 'id'));
        self::assertSame(1, $later->list->metrics()->report()['abandoned']);
    }

    /** @dataProvider modes */
    public function testAWriterThatStandsStillIsNotTakenForDead(Mode $mode): void
    {
        $wiki = $this->prepared($mode);
        $this->hear($writer = $this->writer($mode, 'after the mark'));
        posix_kill($writer, SIGSTOP);
        pcntl_waitpid($writer, $status, WUNTRACED);
        self::assertSame([2, 1], $wiki->ids());
        self::assertFalse($wiki->cached());
        posix_kill($writer, SIGCONT);
        $this->letGo($writer);
        self::assertNull($this->hear($writer));
        self::assertSame([3, 2, 1], $wiki->ids());
        self::assertSame([], $wiki->lies());
    }

    /** @dataProvider modes */
    public function testRowsOfBeforeAreToBeHadByWhomTheyWillDo(Mode $mode): void
    {
        $wiki = $this->prepared($mode);
        $this->hear($this->writer($mode, 'after the commit'));
        $wiki->storage->calls = [];
        self::assertSame($mode === Mode::UpdateInPlace ? [2, 1] : [3, 2, 1], $wiki->ids(stale: true));
        self::assertSame([3, 2, 1], $wiki->ids());
    }

    /** @dataProvider modes */
    public function testADirtyBucketThatWasMarkedAsStaleIsNotFilledBeforeItsWriterIsDead(Mode $mode): void
    {
        $this->prepared($mode);
        $wiki = new Wiki($mode, staleTtl: 60);
        $this->hear($writer = $this->writer($mode, 'after the commit'));
        $wiki->pool->markAllStale();
        // As if the readers' query had run before the commit: whatever it said, it must not be taken for the truth.
        self::assertSame([3, 2, 1], $wiki->ids());
        self::assertArrayHasKey('dirty', $wiki->pool->peek($wiki->list->keyOf(['board' => 1]))->value);
        $this->kill($writer);
        self::assertSame([3, 2, 1], $wiki->ids());
        self::assertSame([3, 2, 1], array_column($wiki->cached(), 'id'));
        self::assertSame([], $wiki->lies());
    }

    public function testAListThatIsPastItsTimeIsServedWhileOneReaderFillsIt(): void
    {
        $wiki = new Wiki(staleTtl: 60);
        $wiki->post(1, 1);
        $wiki->ids();
        $wiki->database->exec("INSERT INTO topic VALUES (2, 1, 2, 'by hand', null)");
        $wiki->pool->markStale($wiki->list->keyOf(['board' => 1]));
        $reader = $this->fork(static function (callable $say, callable $wait): array {
            $wiki = new Wiki(staleTtl: 60);
            $wiki->storage->afterRead = static function () use ($say, $wait): void {
                $say('has read');
                $wait();
            };

            return array_column($wiki->list->find(['board' => 1]), 'id');
        });
        self::assertSame('has read', $this->hear($reader));
        self::assertSame([1], $wiki->ids(), 'nobody else asks the database meanwhile');
        $this->letGo($reader);
        self::assertSame([2, 1], $this->hear($reader));
        self::assertSame([2, 1], $wiki->ids());
    }

    /** @dataProvider modes */
    public function testAMarkOfADeadWriterGoesWhileOthersAreAlive(Mode $mode): void
    {
        $wiki = $this->prepared($mode);
        $this->hear($dead = $this->writer($mode, 'after the commit'));
        $alive = $this->fork(static function (callable $say, callable $wait) use ($mode): void {
            $wiki = new Wiki($mode);
            $wiki->database->beforeCommit = static function () use ($say, $wait): void {
                $say('marked');
                $wait();
            };
            $wiki->post(1, 9);
        });
        self::assertSame('marked', $this->hear($alive));
        $this->kill($dead);
        self::assertSame([3, 2, 1], $wiki->ids());
        self::assertCount(1, $wiki->pool->get($wiki->list->keyOf(['board' => 1]))['dirty']);
        $this->letGo($alive);
        self::assertNull($this->hear($alive));
        self::assertSame([], $wiki->lies());
        self::assertSame([4, 3, 2, 1], $wiki->ids());
        self::assertSame([4, 3, 2, 1], array_column($wiki->cached(), 'id'));
    }

    /** @dataProvider modes */
    public function testKilledAtRandomTheCacheNeverLies(Mode $mode): void
    {
        $wiki = $this->prepared($mode);
        $killed = 0;
        for ($round = 0; $round < 12; $round++) {
            $writers = [];
            for ($number = 0; $number < 3; $number++) {
                $writers[] = $this->fork(static function (callable $say) use ($mode, $round, $number): void {
                    $wiki = new Wiki($mode);
                    // So many are killed between the two commits.
                    $wiki->database->afterCommit = static fn () => usleep(mt_rand(0, 500));
                    $say('begins');
                    for ($i = 0; ; $i++) {
                        $wiki->post(1 + $i % 2, mt_rand(1, 1000));
                        $wiki->ids(1 + $i % 2);
                    }
                });
            }
            array_map($this->hear(...), $writers);
            foreach ($writers as $writer) {
                usleep(mt_rand(500, 8000)); // the instant of death
                $this->kill($writer);
                $killed++;
            }
            self::assertSame([], $wiki->lies(), "round $round");
            self::assertSame([$wiki->truth(1), $wiki->truth(2)], [$wiki->ids(1), $wiki->ids(2)], "round $round");
            self::assertSame([], $wiki->lies(), "round $round");
            // One that died had the lease of a fill, perhaps: it is free soon.
            for ($until = microtime(true) + 5; !is_array($wiki->cached(1)) && microtime(true) < $until; $wiki->ids(1));
            self::assertSame($wiki->truth(1), array_column($wiki->cached(1), 'id'), "round $round");
        }
        self::assertSame(36, $killed);
        self::assertGreaterThan(20, (int) $wiki->database->query('SELECT count(*) FROM topic')->fetchColumn());
    }

    /**
     * Between the deletion of a dead writer's bucket and the lease to fill it another writer marks it. Were it filled, and that one
     * died, too, nothing would tell that its rows are old.
     *
     * @dataProvider modes
     */
    public function testABucketThatIsMarkedBetweenItsDeletionAndTheLeaseIsNotFilled(Mode $mode): void
    {
        $wiki = $this->prepared($mode);
        $key = $wiki->list->keyOf(['board' => 1]);
        $writer = null;
        // What a dead writer has left; the copy that was read last is let go right after the deletion.
        AtEnd::$run = function () use ($wiki, $key, $mode, &$writer): void {
            self::assertNull($wiki->pool->stamp($key), 'it is deleted');
            $writer = $this->writer($mode, 'around the commit');
            self::assertSame('around the commit', $this->hear($writer));
        };
        $wiki->pool->set($key, ['dirty' => ['dead' => [0, true, [new AtEnd()]]], 'rows' => null, 'unknown' => true]);
        $wiki->storage->afterRead = function () use ($wiki, &$writer): void {
            // The database commits between the read and what would be the fill; the cache is not told any more.
            $wiki->storage->afterRead = null;
            $this->letGo($writer);
            self::assertSame('around the commit', $this->hear($writer));
        };
        self::assertSame([2, 1], array_column($wiki->list->find(['board' => 1]), 'id'), 'it read before the commit');
        self::assertNotNull($writer);
        self::assertFalse($wiki->cached(), 'the mark is there');
        $this->kill($writer);
        self::assertSame([], $wiki->lies());
        self::assertSame([3, 2, 1], (new Wiki($mode))->ids());
        self::assertSame([3, 2, 1], array_column($wiki->cached(), 'id'));
        self::assertSame([], $wiki->lies());
    }

    private function prepared(Mode $mode): Wiki
    {
        $wiki = new Wiki($mode);
        $wiki->post(1, 1);
        $wiki->post(1, 2, 'old');
        self::assertSame([2, 1], $wiki->ids());
        self::assertSame('old', $wiki->topics->get(2)->title);

        return $wiki;
    }

    /** Adds topic 3, and changes 2; stops at the step. */
    private function writer(Mode $mode, string $step): int
    {
        return $this->fork(static function (callable $say, callable $wait) use ($mode, $step): void {
            $wiki = new Wiki($mode);
            $topic = $wiki->topics->get(2);
            $topic->title = 'new';
            $stop = static function () use ($say, $wait, $step): void {
                $say($step);
                $wait();
            };
            $applied = 0;
            match ($step) {
                'after the mark' => $wiki->database->beforeCommit = $stop,
                'around the commit' => $wiki->database->beforeCommit = $wiki->database->afterCommit = $stop,
                'after the commit' => $wiki->database->afterCommit = $stop,
                // Buckets are settled in the order of their changes: topic 3, its list, topic 2.
                'within the merge' => $wiki->list->onApply = $stop,
                default => null,
            };
            $wiki->cache->begin();
            $wiki->post(1, 3);
            $wiki->topics->put($topic);
            if ($step === 'between two buckets') {
                $between = new StoppingIndex($wiki->cache, $wiki->storage, 'between', ['board'], ['updated']);
                $between->find(['board' => 1]);
                $between->onApply = $stop;
                $between->onAfterInsert($topic, $topic->row());
            }
            if ($step === 'before the mark') {
                $stop();
            }
            $wiki->cache->commit();
        });
    }
}
