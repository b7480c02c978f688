<?php

declare(strict_types=1);

namespace SharedCache\Tests\Laravel;

use Illuminate\Cache\CacheManager;
use Illuminate\Cache\Events\CacheHit;
use Illuminate\Cache\Events\CacheMissed;
use Illuminate\Cache\Events\KeyForgotten;
use Illuminate\Cache\Events\KeyWritten;
use Illuminate\Cache\RateLimiter;
use Illuminate\Cache\Repository;
use Illuminate\Contracts\Console\Kernel;
use Illuminate\Session\CacheBasedSessionHandler;
use Illuminate\Session\Store as Session;
use Illuminate\Support\Carbon;
use Illuminate\Support\Collection;
use Illuminate\Support\Facades\Cache;
use SharedCache\Bridge\Laravel\FlushableStore;
use SharedCache\Bridge\Laravel\SharedStore;
use SharedCache\Pool;

/** Laravel's cache, and what it builds on it, with the bridge as the store. */
final class CacheOnLaravel extends TestCase
{
    public function testTheProviderIsDiscoveredAndMakesTheStore(): void
    {
        $store = $this->cache()->getStore();
        self::assertInstanceOf(SharedStore::class, $store);
        self::assertSame(interface_exists(\Illuminate\Contracts\Cache\CanFlushLocks::class), $store instanceof FlushableStore);
        self::assertSame(['of_the_app:', 'other:'], [$store->getPrefix(), $this->cache('other')->getStore()->getPrefix()]);
        Cache::put('a', 1, 60);
        self::assertSame(1, (new Pool('of_the_app'))->get('a'));
        self::assertNull($this->cache('other')->get('a'));
    }

    public function testItemsAndTheirTimes(): void
    {
        $cache = $this->cache();
        $pool = new Pool('of_the_app');
        self::assertSame('none', $cache->get('a', 'none'));
        self::assertTrue($cache->put('seconds', 's', 60));
        self::assertTrue($cache->put('interval', 'i', new \DateInterval('PT2M')));
        self::assertTrue($cache->put('moment', 'm', Carbon::now()->addMinutes(3)));
        self::assertTrue($cache->put('always', 'a'));
        self::assertTrue($cache->forever('false', false));
        self::assertSame([60, 120, 0, 0], array_map(static fn (string $k): int => $pool->info($k)['ttl'], ['seconds', 'interval', 'always', 'false']));
        self::assertEqualsWithDelta(180, $pool->info('moment')['ttl'], 1);
        self::assertSame(['seconds' => 's', 'no' => null, 'false' => false], $cache->many(['seconds', 'no', 'false']));
        self::assertSame(['no' => 'or this', 'always' => 'a'], $cache->many(['no' => 'or this', 'always']));
        self::assertTrue($cache->has('false'));
        self::assertSame('s', $cache->pull('seconds'));
        self::assertFalse($cache->has('seconds'));
        self::assertTrue($cache->put('always', 'gone', Carbon::now()->subMinute()));
        self::assertTrue($cache->missing('always'));
        self::assertTrue($cache->putMany(['x' => 1, 5 => 2], 60));
        self::assertSame(['x' => 1, 'no' => 0], $cache->getMultiple(['x', 'no'], 0));
        self::assertSame(2, $cache->get('5'));
        self::assertTrue($cache->putMany(['x' => 3, 'y' => 4]), 'without a time');
        self::assertSame([3, 0], [$cache->get('x'), $pool->info('x')['ttl']]);
        self::assertTrue($cache->deleteMultiple(['x', 'y']));
        self::assertSame(['x' => null, 'y' => null], $cache->many(['x', 'y']));
        self::assertTrue($cache->add('new', 1, 60));
        self::assertFalse($cache->add('new', 2, 60));
        self::assertFalse($cache->add('new', 2));
        self::assertTrue($cache->add('newer', 1));
        self::assertTrue($cache->clear());
        self::assertNull($cache->get('new'));
    }

    public function testCounters(): void
    {
        self::assertSame([1, 5, 3], [Cache::increment('n'), Cache::increment('n', 4), Cache::decrement('n', 2)]);
        self::assertSame(3, Cache::get('n'));
        Cache::put('text', 'text', 60);
        self::assertFalse(Cache::increment('text'));
    }

    public function testRememberCallsOnce(): void
    {
        $calls = 0;
        $make = static function () use (&$calls): Collection {
            $calls++;

            return new Collection(['at' => Carbon::parse('2026-01-02 03:04:05')]);
        };
        foreach (['remember', 'rememberForever', 'sear'] as $method) {
            $calls = 0;
            $arguments = $method === 'remember' ? ['of remember', 60, $make] : ["of $method", $make];
            $cache = $this->cache();
            $first = $cache->$method(...$arguments);
            $second = $cache->$method(...$arguments);
            self::assertSame(1, $calls, $method);
            self::assertEquals($first, $second);
            self::assertSame('2026-01-02 03:04:05', $second['at']->toDateTimeString());
        }
    }

    public function testFlexibleServesTheStaleValueAndRefreshesLater(): void
    {
        $this->needs(Repository::class, 'flexible');
        $count = 0;
        $read = function () use (&$count): int {
            return $this->cache()->flexible('f', [1, 100], static function () use (&$count): int {
                return ++$count;
            });
        };
        self::assertSame([1, 1], [$read(), $read()]);
        self::assertSame(100, (new Pool('of_the_app'))->info('f')['ttl']);
        // The clock of flexible() is Carbon's; that of the store goes on.
        Carbon::setTestNow(Carbon::now()->addSeconds(10));
        try {
            self::assertSame([1, 1], [$read(), $read()]);
            $deferred = $this->app->make(\Illuminate\Support\Defer\DeferredCallbackCollection::class);
            self::assertCount(1, $deferred);
            $lock = $this->cache()->lock('illuminate:cache:flexible:lock:f', 0);
            self::assertTrue($lock->acquire());
            $deferred->first()();
            self::assertSame(1, $this->cache()->get('f'), 'another process refreshes it');
            $lock->release();
            $deferred->invoke();
            self::assertSame([2, 2], [$this->cache()->get('f'), $read()]);
        } finally {
            Carbon::setTestNow();
        }
    }

    public function testTags(): void
    {
        self::assertTrue(Cache::supportsTags());
        Cache::tags(['people', 'artists'])->put('john', 'J', 60);
        Cache::tags(['people', 'authors'])->put('anne', 'A', 60);
        self::assertSame(1, Cache::tags(['people'])->increment('count'));
        self::assertSame(['J', 'A'], [Cache::tags(['people', 'artists'])->get('john'), Cache::tags(['people', 'authors'])->get('anne')]);
        self::assertNull(Cache::get('john'));
        self::assertSame('made', Cache::tags('people')->remember('m', 60, static fn (): string => 'made'));
        Cache::tags('authors')->flush();
        self::assertSame(['J', null], [Cache::tags(['people', 'artists'])->get('john'), Cache::tags(['people', 'authors'])->get('anne')]);
        Cache::tags('people')->flush();
        self::assertNull(Cache::tags(['people', 'artists'])->get('john'));
        self::assertNull(Cache::tags('people')->get('m'));
    }

    public function testEvents(): void
    {
        $heard = [];
        $this->app['events']->listen('Illuminate\Cache\Events\*', static function (string $event) use (&$heard): void {
            $heard[] = $event;
        });
        Cache::get('a');
        Cache::put('a', 1, 60);
        Cache::get('a');
        Cache::forget('a');
        $wanted = [CacheMissed::class, KeyWritten::class, CacheHit::class, KeyForgotten::class];
        self::assertSame($wanted, array_values(array_intersect($heard, $wanted)));
    }

    public function testTheRateLimiter(): void
    {
        $limiter = $this->app->make(RateLimiter::class);
        $done = 0;
        for ($i = 0; $i < 5; $i++) {
            $limiter->attempt('mail', 3, static function () use (&$done): void {
                $done++;
            }, 60);
        }
        self::assertSame([3, 3, 0], [$done, (int) $limiter->attempts('mail'), $limiter->remaining('mail', 3)]);
        self::assertTrue($limiter->tooManyAttempts('mail', 3));
        self::assertEqualsWithDelta(60, $limiter->availableIn('mail'), 5);
        $limiter->clear('mail');
        self::assertFalse($limiter->tooManyAttempts('mail', 3));
        self::assertSame(1, $limiter->hit('short', 1));
        usleep(2_100_000);
        self::assertSame(1, $limiter->hit('short', 60), 'the counter has ended with its time');
    }

    /** Of eight processes with ten hits each none is lost. */
    public function testTheRateLimiterCountsEachHitOfManyProcesses(): void
    {
        $limiter = $this->app->make(RateLimiter::class);
        $children = [];
        for ($i = 0; $i < 8; $i++) {
            $children[] = $this->fork(static function () use ($limiter): void {
                for ($n = 0; $n < 10; $n++) {
                    $limiter->hit('all', 60);
                }
            });
        }
        array_map($this->hear(...), $children);
        self::assertSame(80, (int) $limiter->attempts('all'));
    }

    public function testMemo(): void
    {
        $this->needs(CacheManager::class, 'memo');
        Cache::put('a', 1, 60);
        self::assertSame(1, Cache::memo()->get('a'));
        (new Pool('of_the_app'))->set('a', 2, 60);
        self::assertSame([1, 2], [Cache::memo()->get('a'), Cache::get('a')]);
        Cache::memo()->put('a', 3, 60);
        self::assertSame([3, 3, null], [Cache::memo()->get('a'), Cache::get('a'), Cache::memo()->get('b')]);
        self::assertSame(['a' => 3, 'b' => null], Cache::memo()->many(['a', 'b']));
    }

    public function testTouch(): void
    {
        $this->needs(Repository::class, 'touch');
        Cache::put('a', 'value', 10);
        self::assertTrue(Cache::touch('a', 500));
        self::assertSame(['value', 500], [Cache::get('a'), (new Pool('of_the_app'))->info('a')['ttl']]);
        self::assertFalse(Cache::touch('b', 500));
    }

    public function testSessions(): void
    {
        $handler = new CacheBasedSessionHandler($this->cache(), 10);
        $session = new Session('s', $handler);
        $session->start();
        $session->put('user', ['id' => 7]);
        $session->save();
        $again = new Session('s', $handler, $session->getId());
        $again->start();
        self::assertSame(7, $again->get('user.id'));
        self::assertSame(600, (new Pool('of_the_app'))->info($session->getId())['ttl']);
        $again->invalidate();
        self::assertSame('', $handler->read($session->getId()));
    }

    public function testArtisan(): void
    {
        $artisan = $this->app->make(Kernel::class);
        Cache::put('a', 1, 60);
        Cache::put('b', 1, 60);
        Cache::store('other')->put('a', 'other', 60);
        Cache::lock('l', 60)->get();
        self::assertSame(0, $artisan->call('cache:forget', ['key' => 'a']), $artisan->output());
        self::assertSame([null, 1], [Cache::get('a'), Cache::get('b')]);
        self::assertSame(0, $artisan->call('cache:clear'), $artisan->output());
        self::assertSame([null, 'other'], [Cache::get('b'), Cache::store('other')->get('a')]);
        self::assertFalse(Cache::lock('l', 60)->get(), 'locks are left');
        if (!interface_exists(\Illuminate\Contracts\Cache\CanFlushLocks::class)) {
            return;
        }
        self::assertSame(0, $artisan->call('cache:clear', ['--locks' => true]), $artisan->output());
        self::assertTrue(Cache::lock('l', 60)->get());
    }
}
