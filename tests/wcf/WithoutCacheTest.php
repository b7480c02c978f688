<?php

declare(strict_types=1);

namespace Tests\Wcf;

/** Cache disabled, extension missing, no room: values are right all the same, and nothing throws. */
final class WithoutCacheTest extends TestCase
{
    private const CODE = <<<'PHP'
        use Tests\Wcf\{EagerNumber, TolerantNumber, NumberCacheBuilder, Source};
        use wcf\system\cache\CacheHandler;
        use wcf\system\cache\shared\{RebuildQueue, RequestValues};

        $see = static function ($cache) { RequestValues::forget(); return $cache->getCache()['number']; };
        $seen = [];
        for ($i = 0; $i < 2; $i++) {
            $seen[] = [$see(new EagerNumber()), $see(new TolerantNumber()), NumberCacheBuilder::inNewRequest()->getData([], 'number')];
            Source::change();
            (new EagerNumber())->reset();
            (new TolerantNumber())->reset();
            (new TolerantNumber())->rebuild();
            NumberCacheBuilder::getInstance()->reset();
        }
        CacheHandler::getInstance()->flushAll();
        $seen[] = (new TolerantNumber())->nextRebuildTime() >= time() - 1;
        $seen[] = RebuildQueue::enqueue(TolerantNumber::class);
        $seen[] = (new ReflectionClass(CacheHandler::getInstance()->getCacheSource()))->getShortName();
        echo json_encode($seen);
        PHP;

    public function testDisabled(): void
    {
        $off = ['cache.enable_cli' => '0'];
        self::assertSame('[[1,1,1],[2,2,2],true,false,"DiskCacheSource"]', $this->php(self::CODE, $off));
        self::assertSame('[[1,1,1],[2,2,2],true,false,"DiskCacheSource"]', $this->php(self::CODE, ['cache.enable' => '0']));
    }

    public function testWithoutTheExtension(): void
    {
        self::assertSame('[[1,1,1],[2,2,2],true,false,"DiskCacheSource"]', $this->php(self::CODE, extension: false));
    }

    public function testWithoutASegment(): void
    {
        $gone = ['cache.segment_dir' => '/nonexistent'];
        self::assertStringContainsString('[[1,1,1],[2,2,2],true,false,"DiskCacheSource"]', $this->php(self::CODE, $gone));
    }

    public function testAValueForWhichThereIsNoRoomIsBuiltEachTime(): void
    {
        self::assertSame('[8000000,8000000,8000000]', $this->php(<<<'PHP'
            use wcf\system\cache\shared\RequestValues;
            final class HugeCache extends wcf\system\cache\eager\AbstractSharedEagerCache {
                protected function getCacheData(): array { return [str_repeat('x', 8_000_000)]; }
            }
            $length = static function () { RequestValues::forget(); return strlen((new HugeCache())->getCache()[0]); };
            $lengths = [$length(), $length()];
            (new HugeCache())->reset();
            echo json_encode([...$lengths, $length()]);
            PHP, ['cache.segment' => getenv('CACHE_TEST_SEGMENT') . '-small', 'cache.size' => '1M']));
    }

    public function testInOneRequestAValueIsBuiltOnceAlsoWithoutTheCache(): void
    {
        self::assertSame('[1,1,1]', $this->php(<<<'PHP'
            use Tests\Wcf\{EagerNumber, Source};
            $seen = [(new EagerNumber())->getCache()['number'], (new EagerNumber())->getCache()['number']];
            echo json_encode([...$seen, count(Source::builders())]);
            PHP, ['cache.enable_cli' => '0']));
    }
}
