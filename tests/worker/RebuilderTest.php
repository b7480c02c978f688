<?php

declare(strict_types=1);

use SharedCache\Log\Logger;
use SharedCache\Rebuild\Context;
use SharedCache\Rebuild\Guard;
use SharedCache\Rebuild\Outcome;
use SharedCache\Rebuild\Rebuilder;
use SharedCache\Rebuild\Registry;
use SharedCache\Rebuild\Value;
use Tests\TestCase;

/** Keeps what was logged. */
final class Memory implements Logger
{
    /** @var list<array{string, string, array}> */
    public array $lines = [];

    public function wants(string $level): bool
    {
        return true;
    }

    public function log(string $level, string $message, array $context = []): void
    {
        $this->lines[] = [$level, $context['event'], $context];
    }

    /** @return list<string> */
    public function events(): array
    {
        return array_column($this->lines, 1);
    }
}

final class RebuilderTest extends TestCase
{
    private Memory $log;
    /** A job that another worker took over. */
    private array $second;

    protected function setUp(): void
    {
        parent::setUp();
        $this->log = new Memory();
    }

    /** Takes the next job and does it by the loader. */
    private function rebuild(callable $loader, int|float $ttl = 60, int|float $staleTtl = 600, array $tags = [], ?bool $strict = null, float $lease = 60.0): Outcome
    {
        $registry = (new Registry(strict: $strict))->add('pages', 'a', $loader, $ttl, $staleTtl, $tags);
        $job = $this->pop('pages', 0.0, $lease);
        self::assertNotNull($job, 'a job is ready');

        return (new Rebuilder($registry, $lease, $this->log))->run($job);
    }

    private function assertQueue(int $waiting, int $delayed = 0, int $running = 0, int $dead = 0): void
    {
        $info = cache_queue_info('pages');
        self::assertSame(
            compact('waiting', 'delayed', 'running', 'dead'),
            array_intersect_key($info, compact('waiting', 'delayed', 'running', 'dead')),
        );
    }

    public function testStoresAPlainValueAsRegistered(): void
    {
        cache_queue_push('pages', 'a', 'the payload');
        $outcome = $this->rebuild(fn (Context $c): array => [$c->payload, $c->queue, $c->key, $c->attempt], 60, 600, ['t']);
        self::assertSame(Outcome::Built, $outcome);
        self::assertSame(['the payload', 'pages', 'a', 1], cache_fetch('a'));
        $info = cache_key_info('a');
        self::assertEquals([60, 600, ['t'], null], [$info['ttl'], $info['stale_ttl'], $info['tags'], $info['lease']]);
        $this->assertQueue(0);
        self::assertSame(['built'], $this->log->events());
    }

    public function testStoresAValueWithDurationsAndTagsOfItsOwn(): void
    {
        cache_queue_push('pages', 'a');
        $stamp = (int) (microtime(true) * 1e6) - 5_000_000;
        $this->rebuild(fn () => new Value(false, ttl: 7, staleTtl: INF, tags: ['x', 'y'], stamp: $stamp), tags: ['t']);
        self::assertFalse(cache_fetch('a', $found));
        self::assertTrue($found);
        $info = cache_key_info('a');
        self::assertEquals([7, INF, ['x', 'y'], $stamp], [$info['ttl'], $info['stale_ttl'], $info['tags'], $info['stamp']]);
    }

    public function testTheStampIsTheBeginning(): void
    {
        cache_queue_push('pages', 'a');
        $this->rebuild(function () use (&$began): int {
            $began = microtime(true) * 1e6;
            usleep(20_000);

            return 1;
        });
        self::assertLessThan(10_000, abs(cache_stamp('a') - $began));
    }

    public function testAValueWithoutAStampHasThatOfTheBeginning(): void
    {
        cache_queue_push('pages', 'a');
        $this->rebuild(function () use (&$began): Value {
            $began = microtime(true) * 1e6;
            usleep(20_000);

            return new Value(1);
        });
        self::assertLessThan(10_000, abs(cache_stamp('a') - $began));
    }

    public function testKeepStoresNothing(): void
    {
        cache_store('a', 'old', 60, 60);
        cache_mark_stale('a');
        cache_queue_push('pages', 'a');
        self::assertSame(Outcome::Kept, $this->rebuild(fn () => CACHE_KEEP));
        self::assertSame('old', cache_fetch_stale('a', $state));
        self::assertSame(CACHE_STATE_STALE, $state);
        self::assertNull(cache_key_info('a')['lease']);
        $this->assertQueue(0);
    }

    public function testALoaderMaySeeTheOldValue(): void
    {
        cache_store('a', 'old', 60, 60);
        cache_mark_stale('a');
        cache_queue_push('pages', 'a');
        $this->rebuild(fn (Context $context): string => $context->previous() . ' and new');
        self::assertSame('old and new', cache_fetch('a'));
    }

    public function testWhatIsFreshSinceThePushIsAcknowledgedAtOnce(): void
    {
        cache_queue_push('pages', 'a');
        cache_store('a', 'by somebody else', 60);
        self::assertSame(Outcome::Fresh, $this->rebuild(fn () => self::fail('built')));
        self::assertSame('by somebody else', cache_fetch('a'));
        self::assertNull(cache_key_info('a')['lease']);
        $this->assertQueue(0);
        self::assertSame(['fresh'], $this->log->events());
    }

    public function testWhatWasInvalidatedSinceIsBuilt(): void
    {
        cache_queue_push('pages', 'a');
        cache_store('a', 'by somebody else', 60, 60, ['t']);
        cache_tag_invalidate('t');
        self::assertSame(Outcome::Built, $this->rebuild(fn () => 'new'));
    }

    /** Refresh-ahead pushes while the entry is fresh. */
    public function testWhatIsFreshButOlderThanThePushIsBuilt(): void
    {
        cache_store('a', 'aging', 60, 60);
        cache_fetch_stale('a', $state, $lease, refresh_ahead: 60.0, queue: 'pages');
        self::assertSame(CACHE_STATE_AGING, $state);
        self::assertSame(Outcome::Built, $this->rebuild(fn () => 'new'));
        self::assertSame('new', cache_fetch('a'));
    }

    /** The source changed, and nobody said so but the push. */
    public function testAPushDuringTheRebuildLeadsToOneMore(): void
    {
        cache_queue_push('pages', 'a');
        $this->rebuild(function (): string {
            $read = 'old';
            usleep(1000);
            self::assertSame(2, cache_queue_push('pages', 'a'));

            return $read;
        });
        $this->assertQueue(1);
        self::assertSame('old', cache_fetch('a'));
        self::assertSame(Outcome::Built, $this->rebuild(fn () => 'new'));
        self::assertSame('new', cache_fetch('a'));
        $this->assertQueue(0);
    }

    public function testAChangeDuringTheRebuildStartsItAnew(): void
    {
        cache_store('a', 'old', 60, 600);
        cache_mark_stale('a');
        cache_queue_push('pages', 'a');
        $runs = 0;
        $outcome = $this->rebuild(function () use (&$runs): string {
            if (++$runs === 1) {
                cache_mark_stale('a');
            }

            return "run $runs";
        });
        self::assertSame(Outcome::Built, $outcome);
        self::assertSame('run 2', cache_fetch('a'));
    }

    public function testAnEntryThatNeverRestsIsLeftToTheNextReader(): void
    {
        cache_store('a', 'old', 60, 600);
        cache_queue_push('pages', 'a');
        $runs = 0;
        $outcome = $this->rebuild(function () use (&$runs): string {
            cache_mark_stale('a');

            return 'run ' . ++$runs;
        });
        self::assertSame(Outcome::Outdated, $outcome);
        self::assertSame(3, $runs);
        self::assertSame('old', cache_fetch_stale('a'));
        $this->assertQueue(0);
    }

    public function testSomebodyElseStoredMeanwhile(): void
    {
        cache_queue_push('pages', 'a');
        $outcome = $this->rebuild(function (): string {
            cache_store('a', 'newer', 60);

            return 'older';
        });
        self::assertSame(Outcome::Fresh, $outcome);
        self::assertSame('newer', cache_fetch('a'));
    }

    public function testAFailureIsTriedAgainThenADeadLetter(): void
    {
        cache_queue_push('pages', 'a', ['of' => 'the job']);
        self::assertSame(Outcome::Failed, $this->rebuild(fn () => throw new RuntimeException('no source')));
        $this->assertQueue(0, 1);
        self::assertNull($this->pop('pages'), 'it is not tried at once');
        // The first pause is half a second to a second; of the others we need not wait for the end.
        for ($attempt = 2; $attempt < 5; $attempt++) {
            $job = $this->pop('pages', 2.0);
            self::assertSame($attempt, $job['attempt']);
            cache_queue_fail($job['id'], $job['token'], null, 0.0);
        }
        $this->assertQueue(1);
        self::assertSame(Outcome::Failed, $this->rebuild(fn () => throw new RuntimeException('no source')));
        [$dead] = cache_queue_dead('pages');
        self::assertSame(['a', ['of' => 'the job'], 5], [$dead['key'], $dead['payload'], $dead['attempt']]);
        self::assertMatchesRegularExpression('~^RuntimeException: no source \(RebuilderTest\.php:\d+\)$~', $dead['error']);
        self::assertSame(['failed', 'dead'], $this->log->events());
        self::assertSame('error', $this->log->lines[1][0]);
        self::assertInstanceOf(RuntimeException::class, $this->log->lines[0][2]['exception']);
        self::assertFalse(cache_fetch_stale('a'));
    }

    public function testAFailureReleasesTheLease(): void
    {
        cache_store('a', 'old', 60, 600);
        cache_mark_stale('a');
        cache_queue_push('pages', 'a');
        $this->rebuild(fn () => throw new RuntimeException('no source'));
        self::assertNull(cache_key_info('a')['lease']);
        self::assertSame('old', cache_fetch_stale('a'));
    }

    public function testALongErrorIsCutBetweenCharacters(): void
    {
        cache_queue_push('pages', 'a');
        $job = $this->pop('pages');
        for ($attempt = 1; $attempt < 5; $attempt++) {
            cache_queue_fail($job['id'], $job['token'], null, 0.0);
            $job = $this->pop('pages', 1.0);
        }
        $registry = (new Registry())->add('pages', 'a', fn () => throw new RuntimeException(str_repeat('ö', 300)));
        (new Rebuilder($registry, 60, $this->log))->run($job);
        $error = cache_queue_dead('pages')[0]['error'];
        self::assertLessThanOrEqual(184, strlen($error));
        self::assertStringEndsWith('ö...', $error);
        self::assertTrue(mb_check_encoding($error, 'UTF-8'));
    }

    public function testAValueThatCannotBeStoredFails(): void
    {
        cache_queue_push('pages', 'a');
        self::assertSame(Outcome::Failed, $this->rebuild(fn () => ['x' => fn () => 1]));
        self::assertStringContainsString('UnstorableException', $this->log->lines[0][2]['error']);
        $this->assertQueue(0, 1);
    }

    public function testAValueWithoutRoomFails(): void
    {
        cache_queue_push('pages', 'a');
        self::assertSame(Outcome::Failed, $this->rebuild(fn () => str_repeat('x', 80 << 20)));
        self::assertStringContainsString('no room', $this->log->lines[0][2]['error']);
        $this->assertQueue(0, 1);
    }

    public function testALostJobIsLoggedAndNotAcknowledged(): void
    {
        cache_queue_push('pages', 'a');
        $outcome = $this->rebuild(function (): int {
            usleep(60_000);
            $second = $this->pop('pages', 1.0);
            self::assertSame(2, $second['attempt']);
            $this->second = $second;

            return 1;
        }, lease: 0.05);
        self::assertSame(Outcome::Lost, $outcome);
        self::assertSame('lost', $this->log->events()[0]);
        self::assertTrue(cache_queue_ack($this->second['id'], $this->second['token']));
    }

    public function testALostJobThatFailsIsLogged(): void
    {
        cache_queue_push('pages', 'a');
        $outcome = $this->rebuild(function (): never {
            usleep(60_000);
            $this->second = $this->pop('pages', 1.0);
            throw new RuntimeException('late');
        }, lease: 0.05);
        self::assertSame(Outcome::Lost, $outcome);
        self::assertTrue(cache_queue_ack($this->second['id'], $this->second['token']));
    }

    public function testProgressExtendsTheLeases(): void
    {
        cache_queue_push('pages', 'a');
        $outcome = $this->rebuild(function (Context $context): int {
            for ($until = microtime(true) + 0.4; microtime(true) < $until; usleep(5000)) {
                $context->progress();
                self::assertNull($this->pop('pages'), 'nobody takes it over');
            }

            return 1;
        }, lease: 0.2);
        self::assertSame(Outcome::Built, $outcome);
    }

    public function testProgressOfALostJobEndsIt(): void
    {
        cache_queue_push('pages', 'a');
        $outcome = $this->rebuild(function (Context $context): int {
            usleep(60_000);
            $this->second = $this->pop('pages', 1.0);
            $context->progress();
            self::fail('goes on');
        }, lease: 0.05);
        self::assertSame(Outcome::Lost, $outcome);
    }

    public function testProgressOfAnOutdatedRebuildStartsItAnew(): void
    {
        cache_queue_push('pages', 'a');
        $runs = 0;
        $outcome = $this->rebuild(function (Context $context) use (&$runs): int {
            if (++$runs === 1) {
                cache_delete('a');
                $context->progress(1.0);
                self::fail('goes on');
            }

            return $runs;
        });
        self::assertSame(Outcome::Built, $outcome);
        self::assertSame(2, cache_fetch('a'));
    }

    public function testAKeyThatSomebodyElseRebuildsIsLookedAtAgain(): void
    {
        cache_store('a', 'old', 60, 600);
        cache_mark_stale('a');
        $lease = cache_lease('a', 30.0);
        cache_queue_push('pages', 'a');
        self::assertSame(Outcome::Busy, $this->rebuild(fn () => self::fail('built')));
        $this->assertQueue(0, 1);
        self::assertSame(['busy'], $this->log->events());
        self::assertTrue(cache_commit('a', $lease, 'theirs', 60));
    }

    public function testOneThatSomebodyElseNeverEndsToRebuildIsADeadLetter(): void
    {
        cache_store('a', 'old', 60, 600);
        cache_mark_stale('a');
        self::assertGreaterThan(0, cache_lease('a', 30.0));
        cache_queue_push('pages', 'a');
        for ($attempt = 1; $attempt < 5; $attempt++) {
            $job = $this->pop(wait: 1.0);
            cache_queue_fail($job['id'], $job['token'], null, 0.0);
        }
        $this->rebuild(fn () => self::fail('built'));
        self::assertSame('Another process is rebuilding the key', cache_queue_dead('pages')[0]['error']);
        self::assertSame(['dead'], $this->log->events());
    }

    public function testAnUnknownKeyIsAFailure(): void
    {
        cache_queue_push('pages', 'unknown');
        self::assertSame(Outcome::Failed, $this->rebuild(fn () => 1));
        self::assertSame('No loader of the queue "pages" is registered for the key "unknown"; add one to the registry', $this->log->lines[0][2]['error']);
    }

    public function testALoaderThatReadsTheCacheFailsInDevelopment(): void
    {
        cache_queue_push('pages', 'a');
        self::assertSame(Outcome::Failed, $this->rebuild(fn () => Guard::read('b'), strict: true));
        self::assertStringContainsString('The loader of "a" reads "b" from the cache', $this->log->lines[0][2]['error']);
        self::assertNull(Guard::building(), 'the guard is lifted');
    }

    public function testALoaderThatReadsTheCacheIsCountedInProduction(): void
    {
        cache_queue_push('pages', 'a');
        $before = Guard::reads();
        self::assertSame(Outcome::Built, $this->rebuild(function (): int {
            Guard::read('b');

            return 1;
        }, strict: false));
        self::assertSame($before + 1, Guard::reads());
        self::assertSame(['impure', 'built'], $this->log->events());
        self::assertSame('b', $this->log->lines[0][2]['read']);
        Guard::read('c');
        self::assertSame($before + 1, Guard::reads(), 'outside of a loader nothing is counted');
    }

    public function testAssertionsTellDevelopmentFromProduction(): void
    {
        self::assertTrue((new Registry())->strict, 'tests run with zend.assertions=1');
        self::assertFalse((new Registry(strict: false))->strict);
    }

}
