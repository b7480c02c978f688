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

/** `cache-worker failed` */
final class FailedCommand implements Command
{
    public function definition(): Definition
    {
        return new Definition(
            'failed',
            'Show the dead letters: jobs that failed for the last time',
            [new Argument('queue', 'only of this queue', false)],
            [
                new Option('limit', 'at most so many of each queue, the newest', 'N', '100'),
                new Option('json', 'print one JSON object a line'),
            ],
        );
    }

    public function run(Input $input, Output $output): ExitCode
    {
        Environment::needSegment();
        $limit = $input->integer('limit', 1);
        $total = 0;
        foreach (Queues::chosen($input->argument('queue')) as $queue) {
            $jobs = cache_queue_dead($queue, $limit);
            $total += count($jobs);
            $input->flag('json') ? self::printJson($output, $queue, $jobs) : self::printTable($output, $queue, $jobs);
        }
        if ($total === 0 && !$input->flag('json')) {
            $output->line($output->green('No job has failed for good.'));
        }

        return ExitCode::Ok;
    }

    private static function printJson(Output $output, string $queue, array $jobs): void
    {
        foreach ($jobs as $job) {
            $output->json(['queue' => $queue] + Text::jsonKey($job['key']) + $job);
        }
    }

    private static function printTable(Output $output, string $queue, array $jobs): void
    {
        if (!$jobs) {
            return;
        }
        $count = cache_queue_info($queue)['dead'];
        $output->line($output->bold(Text::line($queue)) . ': ' . Text::plural($count, 'dead letter', 'dead letters')
            . ($count > count($jobs) ? ', the newest ' . count($jobs) : ''));
        $output->table(['died', 'attempts', 'key', 'error'], array_map(static fn (array $job): array => [
            Text::ago($job['died_at']),
            (string) $job['attempt'],
            Text::line($job['key']),
            $output->red(Text::line((string) $job['error'])),
        ], $jobs), 'lrll');
    }
}
