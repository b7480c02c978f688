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
use SharedCache\Console\Failure;
use SharedCache\Console\Input;
use SharedCache\Console\Option;
use SharedCache\Console\Output;
use SharedCache\Console\Queues;
use SharedCache\Console\Text;

/** `cache-worker retry` */
final class RetryCommand implements Command
{
    public function definition(): Definition
    {
        return new Definition(
            'retry',
            'Queue dead letters again, with all their attempts',
            [
                new Argument('queue', 'the queue; without one, all', false),
                new Argument('key', 'only the job for this key', false),
            ],
            [new Option('json', 'print JSON')],
        );
    }

    public function run(Input $input, Output $output): ExitCode
    {
        Environment::needSegment();
        $key = $input->argument('key');
        $revived = 0;
        foreach (Queues::chosen($input->argument('queue')) as $queue) {
            $revived += cache_queue_revive($queue, $key);
        }
        if ($key !== null && $revived === 0) {
            throw new Failure(
                'There is no dead letter for the key "' . Text::line($key) . '"; cache-worker failed lists them.',
                ExitCode::No,
            );
        }
        if ($input->flag('json')) {
            $output->json(['revived' => $revived]);
        } elseif ($revived === 0) {
            $output->line('There is no dead letter.');
        } else {
            $output->line(Text::plural($revived, 'job is', 'jobs are') . ' queued again.');
        }

        return ExitCode::Ok;
    }
}
