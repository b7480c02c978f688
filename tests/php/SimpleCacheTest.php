<?php

declare(strict_types=1);

namespace SharedCache\Tests;

use SharedCache\Pool;
use SharedCache\Psr\SimpleCache;

/** What the suite of php-cache does not ask. */
final class SimpleCacheTest extends TestCase
{
    private Pool $pool;
    private SimpleCache $cache;
    private Log $log;

    protected function setUp(): void
    {
        parent::setUp();
        $this->pool = new Pool('app', ttl: 60, staleTtl: 60);
        $this->cache = new SimpleCache($this->pool, $this->log = new Log());
    }

    public function testNumericKeysComeBackAsStrings(): void
    {
        self::assertTrue($this->cache->setMultiple(['7' => 'a', '007' => 'b']));
        $keys = [];
        foreach ($this->cache->getMultiple(['7', '007', '8'], 'none') as $key => $value) {
            $keys[] = [$key, $value];
        }
        self::assertSame([['7', 'a'], ['007', 'b'], ['8', 'none']], $keys);
        self::assertTrue($this->cache->setMultiple(['7' => 'a'], 0));
        self::assertFalse($this->cache->has('7'));
    }

    public function testTtlOfThePoolAndOfTheCall(): void
    {
        $this->cache->set('a', 1);
        $this->cache->set('b', 1, 5);
        $this->cache->set('c', 1, new \DateInterval('PT1M30S'));
        $this->cache->setMultiple(['d' => 1], new \DateInterval('P1D'));
        $this->cache->set('e', 1, PHP_INT_MAX);
        self::assertSame(
            [60.0, 5.0, 90.0, 86400.0, 0.0],
            array_map(fn (string $key): float => (float) $this->pool->info($key)['ttl'], ['a', 'b', 'c', 'd', 'e']),
        );
        $past = new \DateInterval('PT1S');
        $past->invert = 1;
        self::assertTrue($this->cache->set('a', 2, $past));
        self::assertFalse($this->cache->has('a'));
    }

    public function testAStaleValueIsAMiss(): void
    {
        $this->cache->set('a', 1);
        $this->pool->markStale('a');
        self::assertNull($this->cache->get('a'));
        self::assertFalse($this->cache->has('a'));
        self::assertTrue($this->pool->peek('a')->isFound());
    }

    public function testStoredNullAndFalseAreHits(): void
    {
        $this->cache->setMultiple(['n' => null, 'f' => false]);
        self::assertNull($this->cache->get('n', 'none'));
        self::assertFalse($this->cache->get('f', 'none'));
        self::assertSame([null, false], iterator_to_array($this->cache->getMultiple(['n', 'f'], 'none'), false));
    }

    public function testWhatCannotBeCachedIsLoggedAndLeavesTheRest(): void
    {
        $this->cache->set('a', 'old');
        self::assertFalse($this->cache->set('a', static fn (): int => 1));
        self::assertSame('old', $this->cache->get('a'));
        self::assertFalse($this->cache->setMultiple(['b' => 2, 'c' => static fn (): int => 1, 'd' => 4]));
        self::assertSame([2, null, 4], iterator_to_array($this->cache->getMultiple(['b', 'c', 'd']), false));
        self::assertSame(['a', 'c'], array_column(array_column($this->log->lines, 1), 'key'));
        self::assertStringContainsString('Closure', $this->log->lines[0][1]['reason']);
    }

    public function testWhatDoesNotComeBackIsAMiss(): void
    {
        $this->cache->setMultiple(['a' => new Unreturning(), 'b' => 2]);
        self::assertSame('none', $this->cache->get('a', 'none'));
        self::assertSame(['none', 2], iterator_to_array($this->cache->getMultiple(['a', 'b'], 'none'), false));
        self::assertCount(2, $this->log->lines);
    }

    public function testFailuresAreInPhpsLogByDefault(): void
    {
        $output = $this->php(
            'require "/usr/share/php/Psr/SimpleCache/autoload.php";'
                . '(new SharedCache\Psr\SimpleCache(new SharedCache\Pool("app")))->set("k", fn () => 1);',
            ['log_errors' => '1', 'error_log' => ''],
        );
        self::assertStringContainsString('cache: "k" was not stored: $value cannot be cached: class Closure', $output);
    }

    public function testADisabledCacheMisses(): void
    {
        $output = $this->php(
            'require "/usr/share/php/Psr/SimpleCache/autoload.php"; $c = new SharedCache\Psr\SimpleCache(new SharedCache\Pool("app"));'
                . 'echo json_encode([$c->set("a", 1), $c->get("a", 2), $c->has("a"), $c->setMultiple(["a" => 1]), $c->delete("a"),'
                . 'iterator_to_array($c->getMultiple(["a"], 3)), $c->deleteMultiple(["a"]), $c->clear()]);',
            ['cache.enable_cli' => '0', 'log_errors' => '0'],
        );
        self::assertSame('[false,2,false,false,false,{"a":3},false,false]', $output);
    }
}
