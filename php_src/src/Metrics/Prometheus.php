<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Metrics;

/**
 * What cache_info() and cache_queue_info() say, in Prometheus' text format 0.0.4. It is of the whole segment, whichever process asks.
 *
 * A counter that a later version of the extension has more comes by itself: all integers of cache_info() that are no gauges are counters.
 */
final class Prometheus
{
    public const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

    /** Name and help by the path in cache_info(). */
    private const GAUGES = [
        'segment.size' => ['segment_size_bytes', 'The bound of the segment, cache.size as it is in force'],
        'segment.file_bytes' => ['segment_file_bytes', 'What the segment takes of its file system'],
        'segment.created' => ['segment_created_seconds', 'When the segment was created, in seconds since the epoch'],
        'segment.processes' => ['processes', 'Processes and threads that are attached'],
        'segment.processes_max' => ['processes_max', 'How many can be attached at once'],
        'memory.total' => ['memory_total_bytes', 'Taken from the file system so far'],
        'memory.used' => ['memory_used_bytes', 'In entries and index'],
        'memory.free' => ['memory_free_bytes', 'Taken from the file system, and not in use'],
        'memory.index' => ['memory_index_bytes', 'In the index'],
        'memory.retired' => ['memory_retired_bytes', 'Replaced or deleted, and held back by readers'],
        'memory.pinned' => ['memory_pins', 'Holds of readers on values'],
        'entries' => ['entries', 'Entries, with those that are past their time and not swept yet'],
    ];
    /** Units of which cache_info() has another one. */
    private const DIVISORS = ['segment.created' => 1e6];
    private const HISTOGRAMS = [
        'hit_idle' => ['hit_idle_seconds', 'At a hit, the time since the one before, or the store'],
        'eviction_age' => ['eviction_age_seconds', 'The age of entries that were evicted'],
    ];
    private const QUEUE_GAUGES = ['waiting', 'delayed', 'running', 'dead', 'oldest_age', 'workers'];

    private string $text = '';

    private function __construct()
    {
    }

    /** All metrics; where the cache is not to be had, cache_up alone, as 0. */
    public static function render(): string
    {
        $text = new self();
        $info = \function_exists('cache_info') ? \cache_info() : ['enabled' => false];
        $text->add('up', 'gauge', 'Whether this process has the cache', [['', $info['enabled'] ? 1 : 0]]);
        if ($info['enabled']) {
            $labels = self::labels([
                'version' => $info['version'],
                'segment' => $info['segment']['path'],
                'mode' => $info['segment']['mode'],
            ]);
            $text->add('build_info', 'gauge', 'The version of the extension, and its segment', [[$labels, 1]]);
            $text->gauges($info);
            $text->counters($info);
            $text->histograms($info['histograms'] ?? []);
            $text->queues(\cache_queue_info());
        }

        return $text->text;
    }

    private function gauges(array $info): void
    {
        foreach (self::GAUGES as $path => [$name, $help]) {
            $value = $info;
            foreach (\explode('.', $path) as $step) {
                $value = $value[$step];
            }
            $divisor = self::DIVISORS[$path] ?? null;
            $this->add($name, 'gauge', $help, [['', $divisor === null ? $value : $value / $divisor]]);
        }
    }

    /** Those of reasons, as misses, become one metric with a label. */
    private function counters(array $info): void
    {
        foreach (\array_diff_key($info, \array_flip(['entries', 'segment', 'memory', 'histograms', 'queue'])) as $name => $value) {
            if (\is_int($value)) {
                $this->add("{$name}_total", 'counter', "$name of cache_info()", [['', $value]]);
            } elseif (\is_array($value)) {
                $samples = [];
                foreach ($value as $reason => $number) {
                    $samples[] = [self::labels(['reason' => $reason]), $number];
                }
                $this->add("{$name}_total", 'counter', "$name of cache_info(), by reason", $samples);
            }
        }
    }

    /** @param array<string, list<int>> $histograms element 0 counts below 1 second, element i below 2^i seconds */
    private function histograms(array $histograms): void
    {
        foreach (self::HISTOGRAMS as $field => [$name, $help]) {
            $samples = [];
            $sum = 0;
            foreach ($histograms[$field] ?? [] as $power => $count) {
                $samples[] = [self::labels(['le' => (string) (2 ** $power)]), $sum += $count];
            }
            if ($samples) {
                $samples[] = [self::labels(['le' => '+Inf']), $sum];
                $this->add($name, 'histogram', $help, $samples, '_bucket');
                $this->text .= "cache_{$name}_count $sum\n";
            }
        }
    }

    /** @param array<array-key, array<string, int|float>> $queues */
    private function queues(array $queues): void
    {
        foreach (\array_keys(\reset($queues) ?: []) as $field) {
            $isGauge = \in_array($field, self::QUEUE_GAUGES, true);
            $name = 'queue_' . ($field === 'oldest_age' ? 'oldest_age_seconds' : $field) . ($isGauge ? '' : '_total');
            $samples = [];
            foreach ($queues as $queue => $values) {
                $samples[] = [self::labels(['queue' => (string) $queue]), $values[$field]];
            }
            $this->add($name, $isGauge ? 'gauge' : 'counter', "$field of cache_queue_info()", $samples);
        }
    }

    /** @param list<array{string, int|float}> $samples labels and values */
    private function add(string $name, string $type, string $help, array $samples, string $suffix = ''): void
    {
        $this->text .= "# HELP cache_$name $help\n# TYPE cache_$name $type\n";
        foreach ($samples as [$labels, $value]) {
            $this->text .= "cache_$name$suffix$labels $value\n";
        }
    }

    /** @param array<string, string> $labels */
    private static function labels(array $labels): string
    {
        $pairs = [];
        foreach ($labels as $name => $value) {
            // Scrapers refuse what is no UTF-8; the name of a queue may have any bytes.
            $value = \preg_match('//u', $value) ? $value : \addcslashes($value, "\0..\37\177..\377");
            $pairs[] = "$name=\"" . \strtr($value, ['\\' => '\\\\', '"' => '\\"', "\n" => '\\n']) . '"';
        }

        return '{' . \implode(',', $pairs) . '}';
    }
}
