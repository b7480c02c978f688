<?php

declare(strict_types=1);

namespace SharedCache\Tests\Flow;

use SharedCache\Index\IndexMetrics;
use SharedCache\Index\Mode;
use SharedCache\Pool;

/** What the page wants to know before it chooses a time to live. */
final class MetricsTest extends TestCase
{
    public function testLookUpsAddUpAcrossProcesses(): void
    {
        $wiki = new Wiki();
        $wiki->post(1, 1);
        $this->inParallel(4, static function (): void {
            $wiki = new Wiki();
            for ($i = 0; $i < 300; $i++) {
                $wiki->ids($i % 3);
            }
            $wiki->list->metrics()->flush();
        });
        $report = $wiki->list->metrics()->report();
        self::assertSame(1200, $report['hits'] + $report['misses'] + $report['stale']);
        self::assertSame(3, $report['fills'], 'one for each board');
        self::assertGreaterThanOrEqual(3, $report['misses']);
        self::assertSame($report['hits'] / 1200, $report['ratio']);
        self::assertSame([1, 0, 3, 0], [$report['writes'], $report['failed'], $report['entries'], $report['evictions']]);
    }

    public function testEachIndexCountsForItself(): void
    {
        $wiki = new Wiki();
        $wiki->post(1, 1);
        $wiki->post(1, 2);
        $wiki->ids();
        $wiki->ids();
        $list = $wiki->list->metrics()->report();
        $primary = $wiki->primary->metrics()->report();
        self::assertSame([1, 1], [$list['hits'], $list['misses']]);
        self::assertSame([2, 0], [$primary['hits'], $primary['misses']], 'two rows, when the list was expanded');
        self::assertSame([1, 2], [$list['entries'], $primary['entries']]);
        self::assertSame($wiki->pool->info($wiki->list->keyOf(['board' => 1]))['size'], $list['bytes']);
        self::assertGreaterThan($list['bytes'], $primary['bytes']);
    }

    public function testStaleIsWhatIsBeingWritten(): void
    {
        $wiki = new Wiki();
        $wiki->ids();
        $wiki->database->afterCommit = static function (): void {
            $other = new Wiki();
            $other->ids();
            $other->list->metrics()->flush();
        };
        $wiki->post(1, 1);
        $report = $wiki->list->metrics()->report();
        self::assertSame([0, 1, 1], [$report['hits'], $report['misses'], $report['stale']]);
    }

    public function testEvictionsAreBucketsThatWentWithoutBeingDeleted(): void
    {
        $wiki = new Wiki();
        for ($board = 1; $board <= 10; $board++) {
            $wiki->ids($board);
        }
        $wiki->topics->put($wiki->post(1, 1));
        self::assertSame([10, 0], [$wiki->list->metrics()->report()['entries'], $wiki->list->metrics()->report()['evictions']]);
        foreach ([3, 4, 5] as $board) {
            $wiki->pool->delete($wiki->list->keyOf(['board' => $board])); // not by the index
        }
        self::assertSame([7, 3], [$wiki->list->metrics()->report()['entries'], $wiki->list->metrics()->report()['evictions']]);
        $wiki->ids(3);
        self::assertSame([8, 3], [$wiki->list->metrics()->report()['entries'], $wiki->list->metrics()->report()['evictions']]);
    }

    /** @dataProvider modes */
    public function testWhatTheIndexDeletesIsNoEviction(Mode $mode): void
    {
        $wiki = new Wiki($mode, limit: 2);
        for ($i = 1; $i <= 4; $i++) {
            $wiki->post(1, $i);
            $wiki->ids();
        }
        $wiki->topics->remove($wiki->topics->get(4));
        $wiki->post(7, 1);
        $report = $wiki->list->metrics()->report();
        self::assertSame([0, 0], [$report['entries'], $report['evictions']]);
        $topic = $wiki->topics->get(3);
        $wiki->topics->cachePurge($topic);
        self::assertSame(0, $wiki->primary->metrics()->report()['evictions']);
    }

    public function testTheHistogramShowsHowLongAgoBucketsWereAskedFor(): void
    {
        $wiki = new Wiki();
        for ($board = 1; $board <= 4; $board++) {
            $wiki->ids($board);
        }
        $metrics = $wiki->list->metrics();
        $shares = static fn (int $seconds): array => array_filter($metrics->report(time() + $seconds)['idle']);
        self::assertSame(['minute' => 1.0], $shares(0));
        self::assertSame(['hour' => 1.0], $shares(3000));
        self::assertSame(['day' => 1.0], $shares(80000));
        self::assertSame(['week' => 1.0], $shares(600000));
        self::assertSame(['month' => 1.0], $shares(2500000));
        self::assertSame(['longer' => 1.0], $shares(9000000));
        self::assertSame(1.0, array_sum($metrics->report()['idle']));
    }

    public function testAReadMovesABucketInTheHistogram(): void
    {
        $wiki = new Wiki();
        $wiki->ids(1);
        $wiki->ids(2);
        $key = $wiki->list->keyOf(['board' => 1]);
        $before = $wiki->pool->info($key)['accessed'];
        // Seconds must pass, which are what it counts, and are not looked up at each read.
        for ($until = microtime(true) + 5; $wiki->pool->info($key)['accessed'] === $before && microtime(true) < $until;) {
            $wiki->ids(1);
        }
        self::assertGreaterThan($before, $wiki->pool->info($key)['accessed']);
        self::assertSame(
            ['minute' => 0.5, 'hour' => 0.5],
            array_filter($wiki->list->metrics()->report($before + 60)['idle']),
            'the one that was not read is idle for a minute',
        );
    }

    public function testReset(): void
    {
        $wiki = new Wiki();
        $wiki->ids();
        $wiki->ids();
        $metrics = $wiki->list->metrics();
        $metrics->reset();
        $report = $metrics->report();
        self::assertSame([0, 0, 0, 1, 0], [$report['hits'], $report['misses'], $report['fills'], $report['entries'], $report['evictions']]);
        $wiki->ids();
        self::assertSame(1, $metrics->report()['hits']);
    }

    public function testTheEndOfAProcessWritesWhatItHasCounted(): void
    {
        $wiki = new Wiki();
        $wiki->ids();
        $wiki->ids();
        $pool = $wiki->pool;
        unset($wiki);
        gc_collect_cycles();
        self::assertSame(1, (new IndexMetrics($pool, 'list', 'index:list:'))->report()['hits']);
    }
}
