<?php

declare(strict_types=1);

namespace SharedCache\Tests;

use SharedCache\Dashboard\Health;
use SharedCache\Dashboard\Level;
use SharedCache\Dashboard\Snapshot;
use SharedCache\Dashboard\View\Overview;
use SharedCache\Dashboard\Warning;

/** Which figures lead to which warnings. */
final class HealthTest extends DashboardTestCase
{
    private const QUEUE = [
        'waiting' => 0, 'delayed' => 0, 'running' => 0, 'dead' => 0, 'pushed' => 0, 'merged' => 0, 'again' => 0, 'acked' => 0, 'failed' => 0,
        'lease_lost' => 0, 'full' => 0, 'dropped' => 0, 'oldest_age' => 0.0, 'workers' => 0,
    ];

    /** A cache of which nothing is to be said, but for some figures. */
    private static function snapshot(array $changes = [], array $queue = [], array $locks = []): Snapshot
    {
        $info = cache_info();
        array_walk_recursive($info, static function (mixed &$figure): void {
            $figure = is_int($figure) ? 0 : $figure;
        });
        $quiet = [
            'segment' => ['size' => 1 << 26, 'processes' => 1, 'processes_max' => 100, 'mode' => 'zero-copy', 'guest' => false],
            'memory' => ['used' => 1 << 20, 'total' => 1 << 21],
        ];

        return new Snapshot(
            array_replace_recursive($info, $quiet, $changes),
            $queue === [] ? [] : ['a queue' => $queue + self::QUEUE],
            $locks,
            microtime(true),
        );
    }

    /** @return array<string, string> levels by code, in the order in which they are shown */
    private static function warnings(Snapshot $snapshot): array
    {
        $warnings = Health::of($snapshot);

        return array_combine(
            array_map(static fn (Warning $warning): string => $warning->code, $warnings),
            array_map(static fn (Warning $warning): string => $warning->level->value, $warnings),
        );
    }

    public function testAQuietCache(): void
    {
        self::assertSame([], self::warnings(self::snapshot()));
        self::assertTrue(self::snapshot()->forScripts()['healthy']);
        self::assertSame(2, self::snapshot(queue: ['waiting' => 2, 'workers' => 1, 'oldest_age' => 299.0])->queues['a queue']['waiting']);
        self::assertSame([], self::warnings(self::snapshot(queue: ['waiting' => 2, 'workers' => 1, 'oldest_age' => 299.0])));
    }

    /** @dataProvider counters */
    public function testCounters(string $counter, string $level): void
    {
        [$group, $reason] = explode('.', $counter) + [1 => null];
        $snapshot = self::snapshot([$group => $reason === null ? 1 : [$reason => 1]]);
        self::assertSame([$counter => $level], self::warnings($snapshot));
        self::assertSame($level === 'info', $snapshot->forScripts()['healthy']);
    }

    public static function counters(): array
    {
        return [
            ['dropped_corrupt', 'bad'], ['grow_failed', 'bad'], ['failed.memory', 'warn'], ['failed.size', 'warn'], ['failed.busy', 'warn'],
            ['leases_refused', 'warn'], ['named_locks_refused', 'warn'], ['guest_operations', 'warn'], ['tags_forgotten', 'info'],
            ['pins_refused', 'info'], ['recoveries', 'info'], ['rebuilds', 'info'],
        ];
    }

    /** @dataProvider states */
    public function testStates(array $expected, array $changes, array $queue = [], array $locks = []): void
    {
        self::assertSame($expected, self::warnings(self::snapshot($changes, $queue, $locks)));
    }

    public static function states(): array
    {
        return [
            'copies' => [['copies' => 'warn'], ['segment' => ['mode' => 'copy']]],
            'full, and evicts what is old' => [['full' => 'info'], ['evictions' => 500, 'memory' => ['used' => 1 << 26],
                'histograms' => ['eviction_age' => [12 => 100, 13 => 400]]]],
            'full, and evicts what is young' => [['too_small' => 'warn'], ['evictions' => 500, 'memory' => ['used' => 1 << 26],
                'histograms' => ['eviction_age' => [12 => 400, 13 => 100]]]],
            'full, and most of what it evicts is old' => [['full' => 'info'], ['evictions' => 600, 'memory' => ['used' => 1 << 26],
                'histograms' => ['eviction_age' => [12 => 200, 13 => 400]]]],
            'few evictions' => [[], ['evictions' => 50, 'histograms' => ['eviction_age' => [0 => 50]]]],
            'misses' => [['misses' => 'info'], ['hits' => 400, 'stale_hits' => 50, 'misses' => ['absent' => 500, 'expired' => 100]]],
            'as many hits' => [[], ['hits' => 500, 'stale_hits' => 100, 'misses' => ['absent' => 500, 'expired' => 100]]],
            'processes' => [['processes' => 'warn'], ['segment' => ['processes' => 90]]],
            'nobody works' => [['queue_unserved' => 'bad'], [], ['waiting' => 1, 'oldest_age' => 1000.0]],
            'too few work' => [['queue_slow' => 'warn'], [], ['waiting' => 1, 'workers' => 1, 'oldest_age' => 301.0]],
            'letters, no room' => [['dead_letters' => 'warn', 'queue_full' => 'warn'], [], ['dead' => 1, 'full' => 1, 'workers' => 1]],
            'locks' => [['abandoned_locks' => 'warn'], [], [], ['a' => ['abandoned' => true], 'b' => ['abandoned' => false]]],
            'the worst first' => [['grow_failed' => 'bad', 'queue_unserved' => 'bad', 'failed.busy' => 'warn', 'copies' => 'warn', 'recoveries' => 'info'],
                ['recoveries' => 1, 'failed' => ['busy' => 1], 'grow_failed' => 1, 'segment' => ['mode' => 'copy']], ['waiting' => 1]],
        ];
    }

    /** The page says all of it, whatever the figures. */
    public function testThePage(): void
    {
        $render = static fn (Snapshot $snapshot): string => (new Overview($snapshot))->render(new \SharedCache\Dashboard\Page(
            self::settings(),
            $request = new \SharedCache\Dashboard\Request(visitor: 'me'),
            new \SharedCache\Dashboard\Forms(self::settings(), $request),
            'overview',
        ));
        self::assertStringContainsString('All is well.', $render(self::snapshot()));
        self::assertStringContainsString('All is well.', $render(self::snapshot(['recoveries' => 3])));
        $full = self::snapshot(
            ['segment' => ['mode' => 'copy', 'guest' => true], 'memory' => ['used' => 1 << 30, 'free' => 1 << 30], 'grow_failed' => 1_234,
                'hits' => 1_000_000, 'misses' => ['absent' => 1], 'a_counter_to_come' => 77],
            ['dead' => 1],
        );
        $html = $render($full);
        self::assertHarmless("<!doctype html><html><head><meta charset=\"utf-8\"><title>t</title></head><body>$html</body></html>");
        $text = self::text($html);
        foreach (['1,234 times', 'this process found no place of its own', 'copies', 'a_counter_to_come 77', '> 99.9 %', 'this process is one of them'] as $words) {
            self::assertStringContainsString($words, $text);
        }
        self::assertStringNotContainsString('All is well.', $html);
    }

    public function testTheSegmentsName(): void
    {
        $snapshot = self::snapshot(['segment' => ['path' => '/dev/shm/x/my.shop.0123456789abcdef']]);
        self::assertSame(['my.shop', '0123456789abcdef'], [$snapshot->segmentName(), $snapshot->fingerprint()]);
        self::assertNull($snapshot->hitRatio());
        self::assertSame(Level::Bad, Level::cases()[0]);
    }
}
