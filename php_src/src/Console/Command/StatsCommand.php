<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console\Command;

use SharedCache\Console\Argument;
use SharedCache\Console\Command;
use SharedCache\Console\Definition;
use SharedCache\Console\Environment;
use SharedCache\Console\ExitCode;
use SharedCache\Console\Input;
use SharedCache\Console\Option;
use SharedCache\Console\Output;
use SharedCache\Console\Queues;
use SharedCache\Console\Text;

/** `cache-worker stats` */
final class StatsCommand implements Command
{
    private const HEADINGS = [
        'queue', 'waiting', 'delayed', 'running', 'dead', 'oldest', 'workers',
        'pushed', 'merged', 'again', 'done', 'failed', 'lost', 'full',
    ];

    public function definition(): Definition
    {
        return new Definition(
            'stats',
            'Show the queues and what they have counted',
            [new Argument('queue', 'only this queue', false)],
            [
                new Option('json', 'print JSON; with --watch one object a line'),
                new Option('watch', 'again and again', 'SECONDS', null, '1'),
            ],
            'The counters run since the segment was made. "lost" counts jobs that were taken over from a worker: '
                . 'it died, or its lease passed.',
        );
    }

    public function run(Input $input, Output $output): ExitCode
    {
        Environment::needSegment();
        $interval = $input->given('watch') ? max(0.1, $input->seconds('watch')) : null;
        $before = null;
        do {
            $queues = self::queues($input->argument('queue'));
            if ($input->flag('json')) {
                $output->json(['time' => microtime(true), 'queues' => (object) $queues, 'segment' => self::segment()]);
            } else {
                $interval !== null && $output->terminal && $output->write("\e[H\e[J");
                self::show($output, $queues, $before, $interval);
            }
            $before = $queues;
            $interval === null || usleep((int) ($interval * 1e6));
        } while ($interval !== null);

        return ExitCode::Ok;
    }

    /** @return array<string, array<string, int|float>> */
    private static function queues(?string $only): array
    {
        $queues = [];
        foreach (Queues::chosen($only) as $name) {
            $queues[$name] = cache_queue_info($name);
        }

        return $queues;
    }

    private static function segment(): array
    {
        $info = cache_info(true);

        return [
            'path' => $info['segment']['path'],
            'size' => $info['segment']['size'],
            'entries' => $info['entries'],
            'memory_used' => $info['memory']['used'],
            'processes' => $info['segment']['processes'],
        ];
    }

    private static function show(Output $output, array $queues, ?array $before, ?float $interval): void
    {
        $segment = self::segment();
        $output->line($output->dim(sprintf(
            '%s: %s, %s of %s',
            $segment['path'],
            Text::plural($segment['entries'], 'entry', 'entries'),
            Text::bytes($segment['memory_used']),
            Text::bytes($segment['size']),
        )));
        if (!$queues) {
            $output->line('No queue has been used yet.');

            return;
        }
        $headings = self::HEADINGS;
        $before === null || $headings[] = 'done/s';
        $rows = [];
        foreach ($queues as $name => $queue) {
            $row = [
                Text::line((string) $name),
                Text::number($queue['waiting']),
                Text::number($queue['delayed']),
                Text::number($queue['running']),
                self::alert($output, $queue['dead']),
                $queue['oldest_age'] > 0 ? Text::duration($queue['oldest_age']) : '',
                $queue['workers'] === 0 && $queue['waiting'] > 0 ? $output->red('0') : Text::number($queue['workers']),
                Text::number($queue['pushed']),
                Text::number($queue['merged']),
                Text::number($queue['again']),
                Text::number($queue['acked']),
                Text::number($queue['failed']),
                Text::number($queue['lease_lost']),
                self::alert($output, $queue['full']),
            ];
            if ($before !== null) {
                $done = max(0, $queue['acked'] - ($before[$name]['acked'] ?? 0));
                $row[] = Text::number((int) round($done / $interval));
            }
            $rows[] = $row;
        }
        $output->table($headings, $rows, 'l' . str_repeat('r', count($headings) - 1));
        foreach ($queues as $name => $queue) {
            if ($queue['workers'] === 0 && $queue['waiting'] > 0) {
                $output->line($output->yellow(Queues::unservedNote((string) $name)));
            }
            if ($queue['dead'] > 0) {
                $output->line($output->yellow(
                    'Dead letters of "' . Text::line((string) $name)
                        . '": cache-worker failed shows why, cache-worker retry tries again.',
                ));
            }
        }
    }

    /** A number that should be 0. */
    private static function alert(Output $output, int $number): string
    {
        return $number > 0 ? $output->red(Text::number($number)) : '0';
    }
}
