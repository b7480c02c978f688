<?php

declare(strict_types=1);

namespace SharedCache\Tests;

use SharedCache\Pool;
use SharedCache\Psr\CacheItemPool;
use SharedCache\Psr\InvalidArgumentException;
use SharedCache\State;

/** What the suite of php-cache does not ask. */
final class CacheItemPoolTest extends TestCase
{
    private Pool $pool;
    private CacheItemPool $cache;
    private Log $log;

    protected function setUp(): void
    {
        parent::setUp();
        $this->pool = new Pool('app', ttl: 60, staleTtl: 60);
        $this->cache = new CacheItemPool($this->pool, $this->log = new Log());
    }

    public function testNumericKeysComeBackAsStrings(): void
    {
        $this->cache->save($this->cache->getItem('7')->set('a'));
        $this->cache->saveDeferred($this->cache->getItem('8')->set('b'));
        $seen = [];
        foreach ($this->cache->getItems(['7', '8', '9']) as $key => $item) {
            $seen[] = [$key, $item->getKey(), $item->isHit()];
        }
        self::assertSame([['7', '7', true], ['8', '8', true], ['9', '9', false]], $seen);
    }

    public function testTtlOfThePoolAndOfTheItem(): void
    {
        $item = $this->cache->getItem('a')->set(1);
        $this->cache->save($item);
        self::assertSame(60, $this->pool->info('a')['ttl']);
        $this->cache->save($item->expiresAfter(5));
        self::assertEqualsWithDelta(5, $this->pool->info('a')['ttl'], 0.1);
        $this->cache->save($item->expiresAt(new \DateTimeImmutable('+1 hour')));
        self::assertEqualsWithDelta(3600, $this->pool->info('a')['ttl'], 0.1);
        $this->cache->save($item->expiresAfter(new \DateInterval('PT2M')));
        self::assertEqualsWithDelta(120, $this->pool->info('a')['ttl'], 0.1);
        $this->cache->save($item->expiresAfter(null));
        self::assertSame(60, $this->pool->info('a')['ttl']);
        foreach (['expiresAfter' => 'soon', 'expiresAt' => 5] as $method => $argument) {
            try {
                $item->$method($argument);
                self::fail('accepted');
            } catch (InvalidArgumentException) {
            }
        }
    }

    public function testTags(): void
    {
        $this->cache->save($this->cache->getItem('a')->set(1)->tag('x')->tag(['y', '7']));
        $this->cache->save($this->cache->getItem('b')->set(2)->tag('y'));
        $this->cache->save($this->cache->getItem('c')->set(3));
        self::assertSame(['x', 'y', '7'], $this->pool->info('a')['tags']);
        self::assertTrue($this->cache->invalidateTags(['7']));
        self::assertFalse($this->cache->hasItem('a'));
        self::assertSame(State::Stale, $this->pool->peek('a')->state);
        self::assertTrue($this->cache->getItem('b')->isHit());
        // Tags that an item had before are not kept.
        $this->cache->save($this->cache->getItem('b')->set(2));
        $this->cache->invalidateTags(['y']);
        self::assertTrue($this->cache->hasItem('b'));
        foreach (['', 'a:b', 5] as $tag) {
            try {
                $this->cache->invalidateTags([$tag]);
                self::fail('accepted');
            } catch (InvalidArgumentException) {
            }
        }
        $this->expectException(InvalidArgumentException::class);
        $this->cache->getItem('d')->tag('{');
    }

    public function testDeferredItemsAreCommittedAfterAnInvalidation(): void
    {
        $this->cache->save($this->cache->getItem('b')->set('old')->tag('t'));
        $this->cache->saveDeferred($this->cache->getItem('a')->set('new')->tag('t'));
        $this->cache->invalidateTags(['t']);
        self::assertSame(['a' => 'new'], $this->pool->getMulti(['a', 'b']));
    }

    public function testAForkedChildDoesNotCommit(): void
    {
        $cache = new CacheItemPool($this->pool);
        $cache->saveDeferred($cache->getItem('a')->set('parent'));
        $child = pcntl_fork();
        if ($child === 0) {
            $cache->__destruct();
            self::killSelf();
        }
        pcntl_waitpid($child, $status);
        self::assertFalse($this->pool->has('a'));
        unset($cache);
        self::assertSame('parent', $this->pool->get('a'));
    }

    public function testItemsOfOthersAreRefused(): void
    {
        $foreign = $this->createMock(\Psr\Cache\CacheItemInterface::class);
        self::assertFalse($this->cache->save($foreign));
        self::assertFalse($this->cache->saveDeferred($foreign));
    }

    public function testErrorsDontInvalidate(): void
    {
        $item = $this->cache->getItem('a');
        self::assertTrue($this->cache->save($item->set('old')));
        self::assertFalse($this->cache->save($item->set(static fn (): int => 1)));
        self::assertSame('old', $this->cache->getItem('a')->get());
        self::assertCount(1, $this->log->lines);
    }

    public function testWhatDoesNotComeBackIsAMiss(): void
    {
        $this->cache->save($this->cache->getItem('a')->set(new Unreturning()));
        $this->cache->save($this->cache->getItem('b')->set(2));
        self::assertFalse($this->cache->getItem('a')->isHit());
        $hits = [];
        foreach ($this->cache->getItems(['a', 'b']) as $key => $item) {
            $hits[$key] = $item->isHit();
        }
        self::assertSame(['a' => false, 'b' => true], $hits);
    }

    /** Symfony's adapters take ours as any other pool. */
    public function testIsAPoolForOthers(): void
    {
        $proxy = new \Symfony\Component\Cache\Adapter\ProxyAdapter($this->cache, 'ns');
        self::assertSame(5, $proxy->get('k', static fn (): int => 5));
        self::assertSame(5, $proxy->get('k', static fn (): int => 6));
        $tags = new \Symfony\Component\Cache\Adapter\TagAwareAdapter($proxy);
        $tags->get('t', static function ($item): int {
            $item->tag('x');

            return 1;
        });
        $tags->invalidateTags(['x']);
        self::assertSame(2, $tags->get('t', static fn (): int => 2));
        $psr16 = new \Symfony\Component\Cache\Psr16Cache($this->cache);
        $psr16->set('p', [1]);
        self::assertSame([1], $psr16->get('p'));
    }
}
