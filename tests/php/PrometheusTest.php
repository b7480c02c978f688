<?php

declare(strict_types=1);

namespace SharedCache\Tests;

use SharedCache\Metrics\Prometheus;

final class PrometheusTest extends TestCase
{
    /** Each line is what the format allows, each metric has one type, and each sample stands below it. */
    public function testTheFormat(): void
    {
        cache_queue_push("a \"queue\\\"\n", 'k');
        cache_queue_push("\xff", 'k');
        $names = [];
        $name = null;
        foreach (explode("\n", rtrim(Prometheus::render(), "\n")) as $line) {
            self::assertSame(1, preg_match('//u', $line));
            if (preg_match('/^# HELP (cache_[a-z_]+) \S/', $line, $match)) {
                $name = $match[1];
                self::assertNotContains($name, $names);
                $names[] = $name;
            } elseif (str_starts_with($line, '#')) {
                self::assertMatchesRegularExpression("/^# TYPE $name (gauge|counter|histogram)$/", $line);
                self::assertSame(str_contains($line, ' counter'), str_ends_with((string) $name, '_total'));
            } else {
                $label = '[a-z]+="([^"\\\\\n]|\\\\[\\\\"n])*"';
                self::assertMatchesRegularExpression("/^{$name}(_bucket|_count)?(\{{$label}(,{$label})*\})? -?[0-9.]+(E[+-]?[0-9]+)?$/", $line);
            }
        }
        self::assertGreaterThan(50, count($names));
        self::assertStringContainsString('cache_queue_waiting{queue="a \"queue\\\\\"\n"} 1', Prometheus::render());
        self::assertStringContainsString('cache_queue_waiting{queue="\\\\377"} 1', Prometheus::render());
    }

    public function testTheValuesAreThoseOfCacheInfo(): void
    {
        cache_store('a', 1);
        $before = self::samples();
        cache_fetch('a');
        cache_fetch('a');
        cache_fetch('b');
        cache_store('c', 1, 60, 60, ['t']);
        cache_tag_invalidate('t'); // stale for a minute: no sweep may take it, and a plain fetch misses it
        cache_fetch('c');
        $after = self::samples();
        $change = static fn (string $name): float => $after[$name] - $before[$name];
        self::assertSame([1.0, 2.0, 1.0, 1.0, 1.0], [
            $change('cache_entries'),
            $change('cache_hits_total'),
            $change('cache_misses_total{reason="absent"}'),
            $change('cache_misses_total{reason="expired"}'),
            $change('cache_stores_total'),
        ]);
        $info = cache_info();
        self::assertSame((float) $info['segment']['size'], $after['cache_segment_size_bytes']);
        self::assertSame((float) $info['memory']['used'], $after['cache_memory_used_bytes']);
        self::assertEqualsWithDelta(time(), $after['cache_segment_created_seconds'], 3600);
        foreach ($info as $name => $value) {
            self::assertTrue(!is_int($value) || $name === 'entries' || isset($after["cache_{$name}_total"]), $name);
        }
    }

    /** Buckets count all that is below them. */
    public function testHistograms(): void
    {
        cache_store('a', ['x'], 600);
        usleep(1_100_000);
        // An entry's first hit in a second is noted; the second is looked up once in some look-ups.
        for ($i = 0; $i < 5000; $i++) {
            cache_fetch('a');
        }
        $samples = self::samples();
        $sum = array_sum(cache_info()['histograms']['hit_idle']);
        self::assertGreaterThanOrEqual(1, $sum);
        self::assertSame((float) $sum, $samples['cache_hit_idle_seconds_count']);
        self::assertSame((float) $sum, $samples['cache_hit_idle_seconds_bucket{le="+Inf"}']);
        $last = 0;
        foreach ($samples as $name => $value) {
            if (str_starts_with($name, 'cache_hit_idle_seconds_bucket')) {
                self::assertGreaterThanOrEqual($last, $value);
                $last = $value;
            }
        }
    }

    public function testWithoutTheCache(): void
    {
        $expected = "# HELP cache_up Whether this process has the cache\n# TYPE cache_up gauge\ncache_up 0\n";
        $code = 'echo SharedCache\Metrics\Prometheus::render();';
        self::assertSame($expected, $this->php($code, ['cache.enable' => '0']));
        self::assertSame($expected, $this->php($code, extension: false));
    }

    /** @return array<string, float> values by name and labels */
    private static function samples(): array
    {
        preg_match_all('/^(cache_\S+) (\S+)$/m', Prometheus::render(), $matches);

        return array_map(floatval(...), array_combine($matches[1], $matches[2]));
    }
}
