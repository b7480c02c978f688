<?php

declare(strict_types=1);

use SharedCache\Rebuild\Context;
use SharedCache\Rebuild\Guard;
use SharedCache\Rebuild\ImpureLoaderException;
use SharedCache\Rebuild\Reader;
use SharedCache\Rebuild\Registry;
use SharedCache\Rebuild\UnknownKeyException;
use SharedCache\Rebuild\Value;
use Tests\TestCase;

final class ReaderTest extends TestCase
{
    private int $runs = 0;

    private function reader(?callable $loader = null, float $refreshAhead = 0.0, ?bool $strict = null): Reader
    {
        $loader ??= fn (): string => 'run ' . ++$this->runs;

        return new Reader(
            (new Registry(strict: $strict))->add('pages', 'a', $loader, 60, 600, ['t'], $refreshAhead)->add('pages', 'b', fn () => 'b'),
            'pages',
            0.2,
        );
    }

    public function testMakesWhatIsMissingHere(): void
    {
        $reader = $this->reader();
        self::assertSame('run 1', $reader->get('a'));
        self::assertSame('run 1', $reader->get('a'));
        $info = cache_key_info('a');
        self::assertEquals([60, 600, ['t'], null], [$info['ttl'], $info['stale_ttl'], $info['tags'], $info['lease']]);
    }

    public function testServesWhatIsStaleAndQueuesOneJob(): void
    {
        $reader = $this->reader();
        $reader->get('a');
        cache_queue_purge('pages');
        cache_tag_invalidate('t');
        for ($i = 0; $i < 5; $i++) {
            self::assertSame('run 1', $reader->get('a'));
        }
        self::assertSame(1, cache_queue_info('pages')['waiting']);
        self::assertSame('a', $this->pop('pages')['key']);
    }

    public function testRefreshesAhead(): void
    {
        $reader = $this->reader(refreshAhead: 60.0);
        $reader->get('a');
        cache_queue_purge('pages');
        self::assertSame('run 1', $reader->get('a'));
        self::assertSame(1, cache_queue_info('pages')['waiting']);
    }

    public function testAValueMayHaveDurationsOfItsOwn(): void
    {
        self::assertSame('x', $this->reader(fn () => new Value('x', ttl: 5))->get('a'));
        self::assertEquals(5, cache_key_info('a')['ttl']);
    }

    public function testKeepStoresNothing(): void
    {
        self::assertSame(CACHE_KEEP, $this->reader(fn () => CACHE_KEEP)->get('a'));
        self::assertNull(cache_key_info('a'));
        self::assertGreaterThan(0, cache_lease('a'), 'the lease is released');
    }

    public function testAnErrorComesThroughAndReleasesTheLease(): void
    {
        try {
            $this->reader(fn () => throw new RuntimeException('no source'))->get('a');
            self::fail('nothing was thrown');
        } catch (RuntimeException $error) {
            self::assertSame('no source', $error->getMessage());
        }
        self::assertGreaterThan(0, cache_lease('a'));
    }

    /** The other one has not made it in time: it is made here for this once. */
    public function testWaitsForAnotherProcessThatMakesIt(): void
    {
        $lease = cache_lease('a', 30.0);
        $began = microtime(true);
        self::assertSame('run 1', $this->reader()->get('a'));
        self::assertGreaterThan(0.15, microtime(true) - $began);
        self::assertTrue(cache_commit('a', $lease, 'theirs'));
        self::assertSame('theirs', $this->reader()->get('a'));
    }

    public function testRefreshMakesStaleAndQueues(): void
    {
        $reader = $this->reader();
        $reader->get('a');
        cache_queue_purge('pages');
        self::assertTrue($reader->refresh('a', ['why' => 'it changed']));
        self::assertFalse(cache_fetch('a'));
        self::assertSame('run 1', $reader->get('a'));
        self::assertSame(['why' => 'it changed'], $this->pop('pages')['payload']);
    }

    public function testAnUnknownKeyIsAnError(): void
    {
        $this->expectException(UnknownKeyException::class);
        $this->reader()->get('c');
    }

    public function testALoaderMustNotReadTheCacheInDevelopment(): void
    {
        $inner = $this->reader();
        $this->expectException(ImpureLoaderException::class);
        $this->reader(fn (): string => $inner->get('b'), strict: true)->get('a');
    }

    public function testInProductionItIsCounted(): void
    {
        $inner = $this->reader();
        $before = Guard::reads();
        self::assertSame('b', $this->reader(fn (): string => $inner->get('b'), strict: false)->get('a'));
        self::assertSame($before + 1, Guard::reads());
        self::assertSame('b', Guard::lastRead());
    }

    public function testContextOfALoaderInAPage(): void
    {
        self::assertSame(['pages', 'a', 1, null, false], $this->reader(function (Context $context): array {
            $context->progress();

            return [$context->queue, $context->key, $context->attempt, $context->payload, $context->previous()];
        })->get('a'));
    }
}
