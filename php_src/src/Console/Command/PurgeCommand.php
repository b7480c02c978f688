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

/** `cache-worker purge` */
final class PurgeCommand implements Command
{
    public function definition(): Definition
    {
        return new Definition(
            'purge',
            'Throw away the waiting jobs of a queue, or its dead letters',
            [new Argument('queue', 'the queue')],
            [
                new Option('dead', 'the dead letters instead of the waiting jobs'),
                new Option('yes', 'do not ask; without a terminal nothing is asked anyway'),
                new Option('json', 'print JSON'),
            ],
            'Jobs that are running go on. Stale entries stay: the next one who reads one asks for it again.',
        );
    }

    public function run(Input $input, Output $output): ExitCode
    {
        Environment::needSegment();
        [$queue] = Queues::chosen($input->argument('queue'));
        $dead = $input->flag('dead');
        $info = cache_queue_info($queue);
        $what = $dead
            ? Text::plural($info['dead'], 'dead letter', 'dead letters')
            : Text::plural($info['waiting'] + $info['delayed'], 'waiting job', 'waiting jobs');
        if (!$input->flag('yes') && !$output->confirm("Throw away $what of \"" . Text::line($queue) . '"?')) {
            $output->line('Nothing was thrown away.');

            return ExitCode::No;
        }
        $purged = cache_queue_purge($queue, $dead);
        $input->flag('json')
            ? $output->json(['purged' => $purged])
            : $output->line(Text::plural($purged, 'job was', 'jobs were') . ' thrown away.');

        return ExitCode::Ok;
    }
}
