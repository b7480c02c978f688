<?php

declare(strict_types=1);

namespace SharedCache\Tests;

use SharedCache\Bridge\Symfony\Item;
use SharedCache\Bridge\Symfony\TagAwareCache;
use SharedCache\Pool;
use SharedCache\Psr\InvalidArgumentException;
use Symfony\Contracts\Cache\CallbackInterface;
use Symfony\Contracts\Cache\ItemInterface;

/**
 * Symfony's contracts: what Symfony's own AdapterTestCase and TagAwareAdapterTest ask of an adapter, and what they do not:
 * single flight and stale values.
 */
final class TagAwareCacheTest extends TestCase
{
    private Pool $pool;
    private TagAwareCache $cache;
    private Log $log;

    protected function setUp(): void
    {
        parent::setUp();
        $this->use(new Pool('app'));
    }

    private function use(Pool $pool): void
    {
        $this->pool = $pool;
        $this->cache = new TagAwareCache($pool, $this->log = new Log());
    }

    private static function noCall(): \Closure
    {
        return static fn () => self::fail('the callback runs');
    }

    public function testGet(): void
    {
        $value = mt_rand();
        self::assertSame($value, $this->cache->get('foo', static function (ItemInterface $item) use ($value): int {
            self::assertSame('foo', $item->getKey());
            self::assertFalse($item->isHit());

            return $value;
        }));
        self::assertSame($value, $this->cache->getItem('foo')->get());
        self::assertSame($value, $this->cache->get('foo', self::noCall(), 0));
        self::assertNull($this->cache->get('foo', static function (ItemInterface $item) use ($value) {
            self::assertTrue($item->isHit());
            self::assertSame($value, $item->get());
        }, \INF));
        self::assertNull($this->cache->get('foo', self::noCall()));
    }

    public function testGetTakesCallbackObjects(): void
    {
        self::assertSame(7, $this->cache->get('bar', new class () implements CallbackInterface {
            public function __invoke(\Psr\Cache\CacheItemInterface $item, bool &$save): int
            {
                return 7;
            }
        }));
    }

    public function testRecursiveGet(): void
    {
        $count = 0;
        $inner = static function () use (&$count): int {
            return ++$count;
        };
        $value = $this->cache->get('k1', function () use ($inner): int {
            $this->cache->get('k2', $inner);

            return $this->cache->get('k2', $inner);
        });
        self::assertSame([1, 1, 1], [$count, $value, $this->cache->get('k2', self::noCall(), 0)]);
    }

    public function testTheSameKeyWithinItsCallbackIsComputedAndNotStored(): void
    {
        $began = microtime(true);
        self::assertSame('outer inner', $this->cache->get('k', fn (): string => 'outer ' . $this->cache->get('k', static fn (): string => 'inner')));
        self::assertLessThan(1, microtime(true) - $began);
        self::assertSame('outer inner', $this->cache->get('k', self::noCall()));
    }

    public function testDontSaveWhenAskedNotTo(): void
    {
        $notTo = static function (ItemInterface $item, bool &$save): int {
            $save = false;

            return 1;
        };
        self::assertSame(1, $this->cache->get('k', $notTo));
        self::assertSame(2, $this->cache->get('k', static fn (): int => 2));
        self::assertSame(2, $this->cache->get('k', self::noCall()));
    }

    public function testAnExpiredItemIsNotSaved(): void
    {
        $expired = static function (ItemInterface $item): int {
            $item->expiresAfter(-1);

            return 1;
        };
        self::assertSame(1, $this->cache->get('k', $expired));
        self::assertFalse($this->cache->hasItem('k'));
        $this->cache->get('k', static fn (): int => 2);
        $this->cache->get('k', $expired, \INF);
        self::assertFalse($this->cache->hasItem('k'));
    }

    public function testGetMetadata(): void
    {
        $this->cache->get('foo', static function (Item $item): string {
            $item->expiresAfter(10);
            $item->tag(['t', '7']);
            usleep(99_000);

            return 'bar';
        }, null, $metadata);
        self::assertSame([], $metadata);
        $found = $this->cache->getItem('foo')->getMetadata();
        self::assertEqualsWithDelta(99, $found[ItemInterface::METADATA_CTIME], 40);
        self::assertEqualsWithDelta(microtime(true) + 10, $found[ItemInterface::METADATA_EXPIRY], 0.5);
        self::assertSame(['t' => 't', '7' => '7'], $found[ItemInterface::METADATA_TAGS]);
        $this->cache->get('foo', self::noCall(), 0, $metadata);
        self::assertSame($found, $metadata);
        self::assertEqualsWithDelta(microtime(true) + 10, $this->pool->info('foo')['soft'] / 1e6, 0.5);
    }

    public function testMetadataOfASavedItem(): void
    {
        $item = $this->cache->getItem('k');
        self::assertSame([], $item->getMetadata());
        $this->cache->save($item->tag('t'));
        self::assertSame(['tags' => ['t' => 't']], $item->getMetadata());
        self::assertSame(['tags' => ['t' => 't']], $this->cache->getItem('k')->getMetadata());
    }

    public function testDefaultLifetime(): void
    {
        $this->use(new Pool('short', ttl: 0.1));
        $this->cache->get('a', static fn (): int => 1);
        $this->cache->save($this->cache->getItem('b')->set(1)->expiresAfter(null));
        $this->cache->save($this->cache->getItem('c')->set(1)->expiresAfter(60));
        self::assertTrue($this->cache->hasItem('a') && $this->cache->hasItem('b'));
        usleep(120_000);
        self::assertFalse($this->cache->hasItem('a') || $this->cache->hasItem('b'));
        self::assertTrue($this->cache->hasItem('c'));
    }

    public function testValuesThatLookLikeStoredOnes(): void
    {
        foreach ([[1, 2.0, 3, ['a']], [], [null], ["\x9D" => 1], ["\x9D2\x00" => 1], null, false, 0, ''] as $number => $value) {
            self::assertSame($value, $this->cache->get("k$number", static fn () => $value));
            self::assertSame($value, $this->cache->get("k$number", self::noCall()));
            $this->cache->save($this->cache->getItem("s$number")->set($value));
            self::assertTrue($this->cache->getItem("s$number")->isHit());
            self::assertSame($value, $this->cache->getItem("s$number")->get());
        }
    }

    public function testNullByteInKey(): void
    {
        $this->cache->save($this->cache->getItem("a\0b")->set(123));
        self::assertSame(123, $this->cache->getItem("a\0b")->get());
    }

    public function testNumericKeys(): void
    {
        for ($i = 0; $i < 300; $i++) {
            $this->cache->save($this->cache->getItem((string) $i)->set("v$i"));
        }
        self::assertSame('v50', $this->cache->getItem('50')->get());
        foreach ($this->cache->getItems(['299', '5']) as $key => $item) {
            self::assertSame("v$key", $item->get());
            self::assertIsString($key);
        }
    }

    public function testInvalidArguments(): void
    {
        foreach ([
            fn () => $this->cache->get('', static fn (): int => 1),
            fn () => $this->cache->get('a{b', static fn (): int => 1),
            fn () => $this->cache->get('a', static fn (): int => 1, -1.0),
            fn () => $this->cache->get('a', static fn (): int => 1, \NAN),
            fn () => $this->cache->delete('a:b'),
        ] as $number => $call) {
            try {
                $call();
                self::fail("call $number");
            } catch (InvalidArgumentException) {
                $this->addToAssertionCount(1);
            }
        }
    }

    public function testClearByPrefix(): void
    {
        $this->cache->save($this->cache->getItem('foobar')->set(1));
        $this->cache->save($this->cache->getItem('barfoo')->set(2));
        $this->cache->saveDeferred($this->cache->getItem('foo2')->set(3));
        self::assertTrue($this->cache->clear('foo'));
        self::assertFalse($this->cache->hasItem('foobar') || $this->cache->hasItem('foo2'));
        self::assertTrue($this->cache->hasItem('barfoo'));
        self::assertTrue($this->cache->clear());
        self::assertFalse($this->cache->hasItem('barfoo'));
    }

    public function testWhatCannotBeCachedIsReturnedAll(): void
    {
        $this->cache->get('k', static fn (): string => 'old');
        self::assertInstanceOf(\Closure::class, $this->cache->get('k', static fn (): \Closure => static fn (): int => 1, \INF));
        self::assertSame('old', $this->cache->get('k', self::noCall()));
        self::assertInstanceOf(\Closure::class, $this->cache->get('m', static fn (): \Closure => static fn (): int => 1));
        self::assertFalse($this->cache->hasItem('m'));
        self::assertCount(2, $this->log->lines);
        self::assertSame(5, $this->cache->get('m', static fn (): int => 5));
    }

    public function testWhatDoesNotComeBackIsMadeAnew(): void
    {
        $this->cache->save($this->cache->getItem('k')->set(new Unreturning()));
        self::assertSame(5, $this->cache->get('k', static fn (): int => 5));
        self::assertSame(5, $this->cache->get('k', self::noCall()));
    }

    public function testAStaleValueThatDoesNotComeBackIsMadeAnew(): void
    {
        $this->use(new Pool('stale', ttl: 60, staleTtl: 60));
        $this->cache->save($this->cache->getItem('k')->set(new Unreturning()));
        $this->pool->markStale('k');
        self::assertSame(5, $this->cache->get('k', static fn (): int => 5));
        self::assertSame(5, $this->cache->get('k', self::noCall()));
        self::assertCount(1, $this->log->lines);
    }

    public function testAnExceptionLeavesTheNextOneToTry(): void
    {
        try {
            $this->cache->get('k', static fn () => throw new \DomainException());
            self::fail('no exception');
        } catch (\DomainException) {
        }
        self::assertSame(5, $this->cache->get('k', static fn (): int => 5));
    }

    public function testInvalidateTags(): void
    {
        $tagged = fn (string $key, string ...$tags): mixed => $this->cache->get($key, static function (ItemInterface $item) use ($tags): int {
            $item->tag($tags);

            return 1;
        });
        $tagged('i0', 'foo', 'bar');
        $tagged('i1', 'foo');
        $tagged('i2', 'foo', 'bar', 'baz');
        $tagged('i3', 'foo', 'baz');
        self::assertTrue($this->cache->invalidateTags(['bar']));
        $hits = fn (): string => implode(' ', array_filter(['i0', 'i1', 'i2', 'i3'], $this->cache->hasItem(...)));
        self::assertSame('i1 i3', $hits());
        $this->cache->invalidateTags(['baz']);
        self::assertSame('i1', $hits());
        $tagged('i2', 'foo', 'bar', 'baz');
        self::assertSame('i1 i2', $hits());
        $this->cache->invalidateTags(['foo']);
        self::assertSame('', $hits());
    }

    public function testInvalidateTagsCommitsDeferredItems(): void
    {
        $this->cache->saveDeferred($this->cache->getItem('a')->set(1)->tag('t'));
        $this->cache->saveDeferred($this->cache->getItem('b')->set(2)->tag('u'));
        $this->cache->invalidateTags(['t']);
        $other = new TagAwareCache($this->pool);
        self::assertTrue($other->hasItem('a') && $other->hasItem('b'));
    }

    public function testTagsAreCleanedOnSaveAndDelete(): void
    {
        $this->cache->save($this->cache->getItem('k')->set(1)->tag('foo'));
        $this->cache->save($this->cache->getItem('k')->set(2)->tag('bar'));
        $this->cache->invalidateTags(['foo']);
        self::assertSame(2, $this->cache->getItem('k')->get());
        $this->cache->delete('k');
        $this->cache->save($this->cache->getItem('k')->set(3));
        $this->cache->invalidateTags(['bar']);
        self::assertTrue($this->cache->hasItem('k'));
    }

    public function testATagThatIsInvalidatedWhileTheValueIsMade(): void
    {
        self::assertSame('old', $this->cache->get('k', function (ItemInterface $item): string {
            $item->tag('t');
            (new TagAwareCache($this->pool))->invalidateTags(['t']);

            return 'old';
        }));
        self::assertSame('new', $this->cache->get('k', static fn (): string => 'new'));
        self::assertSame('forced', $this->cache->get('k', function (ItemInterface $item): string {
            $item->tag('t');
            (new TagAwareCache($this->pool))->invalidateTags(['t']);

            return 'forced';
        }, \INF));
        self::assertFalse($this->cache->hasItem('k'));
    }

    public function testOneOfManyProcessesMakesAMissingValue(): void
    {
        $values = $this->inParallel(6, fn (int $number): int => $this->cache->get('k', function () use ($number): int {
            usleep(100_000);
            $this->pool->inc('builds');

            return $number;
        }));
        self::assertCount(1, array_unique($values));
        self::assertSame(1, $this->pool->get('builds'));
    }

    public function testNobodyWaitsForAStaleValue(): void
    {
        $this->use(new Pool('stale', ttl: 60, staleTtl: 60));
        $this->cache->save($this->cache->getItem('k')->set('old')->tag('t'));
        $this->cache->invalidateTags(['t']);
        $builder = $this->fork(fn (callable $say, callable $wait): string => $this->cache->get('k', static function (ItemInterface $item) use ($say, $wait): string {
            $say('builds');
            $wait();

            return 'new';
        }));
        self::assertSame('builds', $this->hear($builder));
        self::assertSame('old', $this->cache->get('k', self::noCall(), 0));
        $this->letGo($builder);
        self::assertSame('new', $this->hear($builder));
        self::assertSame('new', $this->cache->get('k', self::noCall(), 0));
    }

    public function testABuilderThatDiesIsReplaced(): void
    {
        $builder = $this->fork(fn (callable $say, callable $wait): string => $this->cache->get('k', static function () use ($say, $wait): string {
            $say('builds');
            $wait();

            return 'dead';
        }));
        self::assertSame('builds', $this->hear($builder));
        $waiter = $this->fork(fn (): string => $this->cache->get('k', static fn (): string => 'replacement'));
        usleep(50_000);
        $this->kill($builder);
        self::assertSame('replacement', $this->hear($waiter));
        self::assertSame('replacement', $this->cache->get('k', self::noCall()));
    }

    public function testWhoWaitsInVainMakesItAndStoresNothing(): void
    {
        $lease = $this->pool->lease('k');
        $impatient = $this->hear($this->fork(fn (): array => [
            (new TagAwareCache($this->pool, wait: 0.05))->get('k', static fn (): string => 'mine'),
            $this->pool->has('k'),
        ]));
        self::assertSame(['mine', false], $impatient);
        $lease->release();
    }

    public function testALateValueDoesNotWin(): void
    {
        $this->cache->get('k', function (): string {
            (new TagAwareCache($this->pool))->save((new TagAwareCache($this->pool))->getItem('k')->set('newer'));

            return 'late';
        });
        self::assertSame('newer', $this->cache->get('k', self::noCall()));
    }

    public function testBetaRebuildsEarlyByChanceAndOneAtATime(): void
    {
        $this->cache->get('k', static function (ItemInterface $item): string {
            $item->expiresAfter(100);
            $item->setCost(1);

            return 'old';
        });
        $early = 0;
        for ($i = 0; $i < 200; $i++) {
            $this->cache->get('k', static function (ItemInterface $item, bool &$save) use (&$early): string {
                self::assertTrue($item->isHit());
                self::assertSame('old', $item->get());
                $early++;
                $save = false;

                return 'new';
            }, 100_000.0); // a rebuild of a millisecond, 100 s in the mean
        }
        self::assertGreaterThan(20, $early); // e^-1 of 200 is 74
        self::assertLessThan(130, $early);
        $lease = $this->pool->lease('k');
        for ($i = 0; $i < 100; $i++) {
            self::assertSame('old', $this->cache->get('k', self::noCall(), 100_000.0));
        }
        $lease->release();
    }

    public function testAPoolWithAQueueIsRefused(): void
    {
        $this->expectException(\InvalidArgumentException::class);
        new TagAwareCache(new Pool('app', queue: 'q'));
    }

    public function testADisabledCacheComputes(): void
    {
        $output = $this->php(
            'set_include_path("/usr/share/php"); require "Symfony/Contracts/Cache/autoload.php";'
                . '$c = new SharedCache\Bridge\Symfony\TagAwareCache(new SharedCache\Pool("app"));'
                . 'for ($i = 0; $i < 2; $i++) echo $c->get("k", fn () => $i), " "; var_dump($c->invalidateTags(["t"]), $c->delete("k"));',
            ['cache.enable_cli' => '0', 'log_errors' => '0'],
        );
        self::assertSame("0 1 bool(false)\nbool(false)\n", $output);
    }
}
