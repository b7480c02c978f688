<?php

declare(strict_types=1);

namespace Tests\Wcf;

use SharedCache\Rebuild\Outcome;
use wcf\system\cache\CacheHandler;
use wcf\system\cache\shared\BuilderGuard;
use wcf\system\cache\shared\ImpureBuilderException;
use wcf\system\cache\shared\RebuildQueue;

/** Builders must not read caches. */
final class GuardTest extends TestCase
{
    public function reads(): array
    {
        return [['eager'], ['tolerant'], ['itself'], ['source'], ['legacy']];
    }

    /** @dataProvider reads */
    public function testABuilderThatReadsACacheThrowsInDebugMode(string $how): void
    {
        $this->expectException(ImpureBuilderException::class);
        $this->expectExceptionMessage('The builder of Tests\Wcf\ImpureCache reads the cache ');
        self::see(new ImpureCache($how));
    }

    /** @dataProvider reads */
    public function testAlsoInAReset(string $how): void
    {
        $this->expectException(ImpureBuilderException::class);
        (new ImpureCache($how))->reset();
    }

    public function testAlsoWhatTheRequestHasInMemoryIsACache(): void
    {
        self::see(new EagerNumber());
        $this->expectException(ImpureBuilderException::class);
        (new ImpureCache('eager'))->reset();
    }

    public function testInProductionItIsCounted(): void
    {
        $this->configure(strict: false);
        foreach (['eager', 'tolerant', 'source', 'legacy'] as $i => $how) {
            $reads = BuilderGuard::reads();
            (new ImpureCache($how))->reset();
            self::assertSame($reads + 1, BuilderGuard::reads(), $how);
        }
    }

    public function testAPureBuilderIsLeftInPeace(): void
    {
        $reads = BuilderGuard::reads();
        self::assertSame([1], self::see(new ImpureCache('pure')));
        self::assertSame($reads, BuilderGuard::reads());
    }

    public function testTheGuardIsLiftedAfterTheBuild(): void
    {
        self::see(new ImpureCache('pure'));
        self::assertSame(1, self::see(new EagerNumber())['number']);
    }

    public function testTheGuardIsLiftedAfterExceptions(): void
    {
        foreach (['failing', 'eager'] as $how) {
            foreach ([fn () => self::see(new ImpureCache($how)), fn () => (new ImpureCache($how))->reset()] as $build) {
                try {
                    $build();
                    self::fail('it throws');
                } catch (\RuntimeException | ImpureBuilderException) {
                    self::assertSame(1, self::see(new EagerNumber())['number']);
                    CacheHandler::getInstance()->getCacheSource()->get('wcf_Something', 0);
                }
            }
        }
    }

    public function testAWorkerForgetsWhatItSawInTheJobBefore(): void
    {
        $this->configure(self::QUEUE, strict: false);
        foreach ([1, 2] as $number) {
            (new EagerNumber())->reset();
            RebuildQueue::enqueue(ImpureCache::class, ['how' => 'eager']);
            self::assertSame(Outcome::Built, self::work());
            self::assertSame($number, self::pool()->get(self::key(new ImpureCache('eager')))[1]['number']);
            Source::change();
        }
    }

    public function testInTheWorkerAnImpureBuilderIsAFailedJob(): void
    {
        $this->configure(self::QUEUE);
        RebuildQueue::enqueue(ImpureCache::class, ['how' => 'eager']);
        $job = cache_queue_pop(self::QUEUE, 0.0);
        $rebuilder = new \SharedCache\Rebuild\Rebuilder(RebuildQueue::registry());
        self::assertSame(Outcome::Failed, $rebuilder->run($job));
        self::assertFalse(self::pool()->has(self::key(new ImpureCache('eager'))));
    }
}
