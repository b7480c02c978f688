<?php

declare(strict_types=1);

namespace SharedCache\Tests;

use Illuminate\Contracts\Cache\CanFlushLocks;
use SharedCache\Bridge\Laravel\FlushableStore;
use SharedCache\Bridge\Laravel\SharedCacheServiceProvider;
use SharedCache\Bridge\Laravel\SharedStore;
use SharedCache\Pool;

require_once __DIR__ . '/support/illuminate.php';

/** The bridge to Laravel, against stand-ins for its classes. */
final class LaravelTest extends TestCase
{
    private Pool $pool;
    private SharedStore $store;

    protected function setUp(): void
    {
        parent::setUp();
        // Laravel names each time: that of the pool is not to be used.
        $this->pool = new Pool('app', ttl: 5, staleTtl: 60);
        $this->store = new SharedStore($this->pool);
    }

    public function testItems(): void
    {
        self::assertNull($this->store->get('a'));
        self::assertTrue($this->store->put('a', ['x'], 100));
        self::assertTrue($this->store->put('7', 'seven', 100));
        self::assertTrue($this->store->forever('always', false));
        self::assertSame([['x'], false], [$this->store->get('a'), $this->store->get('always')]);
        self::assertSame([100, 0], [$this->pool->info('a')['ttl'], $this->pool->info('always')['ttl']]);
        self::assertSame(['b' => null, 'a' => ['x'], 7 => 'seven', 'always' => false], $this->store->many(['b', 'a', '7', 'always']));
        self::assertTrue($this->store->forget('a'));
        self::assertFalse($this->store->forget('a'));
        self::assertTrue($this->store->put('7', 'now gone', 0));
        self::assertNull($this->store->get('7'));
        self::assertSame('app:', $this->store->getPrefix());
    }

    public function testManyAtOnce(): void
    {
        self::assertTrue($this->store->putMany(['a' => 1, 7 => 2], 100));
        self::assertSame(['a' => 1, 7 => 2], $this->store->many(['a', 7]));
        self::assertSame(100, $this->pool->info('7')['ttl']);
        self::assertTrue($this->store->putMany(['a' => 1], -1));
        self::assertSame(['a' => null, 7 => 2], $this->store->many(['a', 7]));
    }

    public function testAddIsForOne(): void
    {
        self::assertTrue($this->store->add('a', 1, 100));
        self::assertFalse($this->store->add('a', 2, 100));
        self::assertFalse($this->store->add('b', 2, 0));
        self::assertSame([1, null], [$this->store->get('a'), $this->store->get('b')]);
    }

    public function testCountersKeepTheirTime(): void
    {
        self::assertSame(3, $this->store->increment('n', 3));
        self::assertSame(2, $this->store->decrement('n'));
        self::assertSame(0, $this->pool->info('n')['ttl']);
        $this->store->put('timed', 1, 100);
        self::assertSame(2, $this->store->increment('timed'));
        self::assertSame(100, $this->pool->info('timed')['ttl']);
        $this->store->forever('text', 'text');
        self::assertFalse($this->store->increment('text'));
        self::assertSame('text', $this->store->get('text'));
        $this->store->flush();
        self::assertNull($this->store->get('n'), 'also what a counter has begun is in the pool');
    }

    public function testTouchGivesAnotherTime(): void
    {
        $this->store->put('a', 'value', 10);
        self::assertTrue($this->store->touch('a', 500));
        self::assertSame(['value', 500], [$this->store->get('a'), $this->pool->info('a')['ttl']]);
        self::assertFalse($this->store->touch('b', 500));
        self::assertNull($this->store->get('b'));
        self::assertTrue($this->store->touch('a', 0));
        self::assertNull($this->store->get('a'));
    }

    public function testFlushIsOfThisStoreAloneAndKeepsLocks(): void
    {
        $other = new SharedStore(new Pool('other'));
        $other->forever('a', 'other');
        $this->store->forever('a', 'mine');
        self::assertTrue($this->store->lock('l', 100)->acquire());
        self::assertTrue($this->store->flush());
        self::assertSame([null, 'other'], [$this->store->get('a'), $other->get('a')]);
        self::assertFalse($this->store->lock('l', 100)->acquire());
        self::assertTrue($other->lock('l', 100)->acquire(), 'each store has locks of its own');
        self::assertTrue($this->store->hasSeparateLockStore());
        self::assertTrue($this->store->flushLocks());
        self::assertTrue($this->store->lock('l', 100)->acquire());
        self::assertFalse($other->lock('l', 100)->acquire());
    }

    public function testLocksBelongToTheirOwner(): void
    {
        $lock = $this->store->lock('l', 100);
        $other = $this->store->lock('l', 100);
        self::assertTrue($lock->acquire());
        self::assertTrue($lock->isOwner());
        self::assertFalse($other->acquire());
        self::assertFalse($other->release());
        self::assertFalse($other->isOwner());
        self::assertTrue($lock->isOwner(), 'nobody else has released it');

        self::assertTrue($this->store->restoreLock('l', $lock->owner())->release());
        self::assertFalse($lock->release());
        self::assertTrue($other->acquire());
        $this->store->lock('l')->forceRelease();
        self::assertFalse($other->isOwner());
        self::assertTrue($this->store->lock('l', 0, 'me')->acquire());
        self::assertSame(0, (new Pool('app:.locks'))->info('l')['ttl']);
    }

    public function testALockIsRefreshedByItsOwner(): void
    {
        $lock = $this->store->lock('l', '100');
        self::assertFalse($lock->refresh(), 'nobody has it');
        self::assertTrue($lock->acquire());
        $time = static fn (): int => (new Pool('app:.locks'))->info('l')['ttl'];
        self::assertTrue($lock->refresh(500));
        self::assertSame(500, $time());
        self::assertTrue($this->store->restoreLock('l', $lock->owner())->refresh('200'), 'from another process, too');
        self::assertSame(200, $time());
        self::assertTrue($lock->refresh());
        self::assertSame(100, $time());
        self::assertFalse($this->store->lock('l', 100)->refresh(900), 'it is another\'s');
        self::assertSame(100, $time());
        self::assertTrue($lock->refresh(0));
        self::assertSame(0, $time());
        self::assertTrue($lock->release());
    }

    public function testALockEndsWithItsTime(): void
    {
        $lock = $this->store->lock('l', 1);
        self::assertTrue($lock->acquire());
        usleep(1_100_000);
        $next = $this->store->lock('l', 100);
        self::assertTrue($next->acquire());
        self::assertFalse($lock->release(), 'it is somebody else\'s by now');
        self::assertTrue($next->isOwner());
    }

    /** Of eight processes that try at once one has the lock. */
    public function testOfManyProcessesOneHasTheLock(): void
    {
        for ($round = 0; $round < 5; $round++) {
            $start = hrtime(true) + 200_000_000;
            $children = [];
            for ($i = 0; $i < 8; $i++) {
                $children[] = $this->fork(function () use ($round, $start): void {
                    while (hrtime(true) < $start) {
                    }
                    if ($this->store->lock("l$round", 100)->acquire()) {
                        $this->pool->inc("winners$round");
                    }
                });
            }
            array_map($this->hear(...), $children);
            self::assertSame(1, $this->pool->get("winners$round"));
        }
    }

    public function testTheProvider(): void
    {
        $manager = new class() {
            public array $creators = [];

            public function extend(string $driver, \Closure $creator): void
            {
                $this->creators[$driver] = $creator->bindTo($this, $this);
            }

            public function repository(object $store, array $config): object
            {
                return (object) ['store' => $store, 'config' => $config];
            }
        };
        $app = new class(['config' => ['cache.prefix' => 'of the app']]) extends \ArrayObject {
            public array $resolving = [];
        };
        (new SharedCacheServiceProvider($app))->register();
        ($app->resolving['cache'])($manager);
        $make = static fn (array $config): object => $manager->creators['shared']($app, $config);

        $repository = $make(['driver' => 'shared']);
        self::assertInstanceOf(FlushableStore::class, $repository->store);
        self::assertInstanceOf(CanFlushLocks::class, $repository->store);
        self::assertSame(['of the app:', ['driver' => 'shared']], [$repository->store->getPrefix(), $repository->config]);
        self::assertSame('own:', $make(['prefix' => 'own'])->store->getPrefix());
        $app['config'] = ['cache.prefix' => ''];
        self::assertSame('laravel:', $make([])->store->getPrefix());
    }

    public function testWithoutTheCacheNothingIsFoundAndNothingThrows(): void
    {
        $stubs = var_export(__DIR__ . '/support/illuminate.php', true);
        $output = $this->php("require $stubs;" . '
            $s = new SharedCache\Bridge\Laravel\SharedStore(new SharedCache\Pool("app"));
            echo json_encode([$s->get("a"), $s->many(["a"]), $s->put("a", 1, 9), $s->putMany(["a" => 1], 9), $s->putMany(["a" => 1], 0),
                $s->add("a", 1, 9), $s->increment("a"), $s->forever("a", 1), $s->touch("a", 9), $s->forget("a"), $s->flush(),
                $s->lock("l", 9)->acquire(), $s->lock("l")->release(), $s->flushLocks()]);', ['cache.enable' => '0']);
        self::assertSame('[null,{"a":null},false,false,false,false,false,false,false,false,false,false,false,false]', $output);
    }
}
