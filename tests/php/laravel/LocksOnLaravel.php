<?php

declare(strict_types=1);

namespace SharedCache\Tests\Laravel;

use Illuminate\Bus\UniqueLock;
use Illuminate\Cache\Lock;
use Illuminate\Cache\Repository;
use Illuminate\Console\Scheduling\CacheEventMutex;
use Illuminate\Console\Scheduling\Event;
use Illuminate\Contracts\Cache\LockTimeoutException;
use Illuminate\Queue\Middleware\WithoutOverlapping;
use Illuminate\Support\Facades\Cache;
use SharedCache\Pool;

/** Laravel's locks, and what it builds on them. */
final class LocksOnLaravel extends TestCase
{
    public function testALockIsForOne(): void
    {
        $lock = Cache::lock('l', 60);
        self::assertTrue($lock->get());
        self::assertFalse(Cache::lock('l', 60)->get());
        self::assertFalse(Cache::lock('l', 60)->release());
        self::assertTrue(Cache::restoreLock('l', $lock->owner())->release());
        self::assertSame('result', Cache::lock('l', 60)->get(static fn (): string => 'result'));
        try {
            Cache::lock('l', 60)->get(static fn () => throw new \DomainException('in the callback'));
            self::fail('what the callback throws is thrown');
        } catch (\DomainException) {
            self::assertTrue(Cache::lock('l', 60)->get(), 'it is released all the same');
        }
        Cache::lock('l')->forceRelease();
        self::assertTrue(Cache::lock('l', '60')->get(), 'a time as configurations have it');
    }

    public function testBlockWaitsForAnotherProcess(): void
    {
        $child = $this->fork(static function (callable $say, callable $wait): bool {
            $lock = Cache::lock('l', 60);
            $say($lock->get());
            $wait();
            usleep(300_000);

            return $lock->release();
        });
        self::assertTrue($this->hear($child));
        try {
            Cache::lock('l', 60)->block(0);
            self::fail('it has come to its end');
        } catch (LockTimeoutException) {
            $this->letGo($child);
        }
        self::assertSame('mine', Cache::lock('l', 60)->block(9, static fn (): string => 'mine'));
        self::assertTrue($this->hear($child));
    }

    public function testRefresh(): void
    {
        $this->needs(Lock::class, 'refresh');
        $locks = new Pool('of_the_app:.locks');
        $lock = Cache::lock('l', 60);
        self::assertFalse($lock->refresh(), 'nobody has it');
        $lock->get();
        self::assertTrue($lock->refresh(500));
        self::assertSame(500, $locks->info('l')['ttl']);
        self::assertTrue($lock->refresh());
        self::assertSame(60, $locks->info('l')['ttl']);
        self::assertFalse(Cache::lock('l', 60)->refresh(900), 'it is another\'s');
        self::assertSame(60, $locks->info('l')['ttl']);
        self::assertTrue($lock->release());
    }

    public function testUniqueJobs(): void
    {
        $job = new class() {
            public int $uniqueId = 7;
            public string $uniqueFor = '3600';
        };
        $unique = new UniqueLock($this->cache());
        self::assertTrue($unique->acquire($job));
        self::assertFalse($unique->acquire($job));
        $unique->release($job);
        self::assertTrue($unique->acquire($job));
    }

    public function testJobsWithoutOverlapping(): void
    {
        $job = new class() {
            public array $said = [];

            public function release(int $seconds): void
            {
                $this->said[] = "released for $seconds";
            }
        };
        $middleware = (new WithoutOverlapping('report'))->releaseAfter(9)->expireAfter(60);
        $middleware->handle($job, static function (object $job) use ($middleware): void {
            $job->said[] = 'run';
            $middleware->handle($job, static fn () => $job->said[] = 'both at once');
        });
        $middleware->handle($job, static fn () => $job->said[] = 'run again');
        self::assertSame(['run', 'released for 9', 'run again'], $job->said);
    }

    public function testScheduledTasksOnOneServer(): void
    {
        $mutex = new CacheEventMutex($this->app['cache']);
        $event = new Event($mutex, 'command');
        self::assertTrue($mutex->create($event));
        self::assertFalse($mutex->create($event));
        self::assertTrue($mutex->exists($event));
        $mutex->forget($event);
        self::assertFalse($mutex->exists($event));
    }

    public function testFunnel(): void
    {
        $this->needs(Repository::class, 'funnel');
        $cache = $this->cache();
        $inner = static fn (): string => $cache->funnel('f')->limit(2)->releaseAfter(60)->block(0)
            ->then(static fn (): string => 'a third', static fn (): string => 'refused');
        $result = $cache->funnel('f')->limit(2)->releaseAfter(60)->block(0)->then(
            static fn () => $cache->funnel('f')->limit(2)->releaseAfter(60)->block(0)->then($inner),
        );
        self::assertSame('refused', $result);
        self::assertSame('a third', $inner(), 'both places are free again');
    }
}
