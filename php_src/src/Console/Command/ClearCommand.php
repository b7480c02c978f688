<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console\Command;

use SharedCache\Console\Command;
use SharedCache\Console\Definition;
use SharedCache\Console\Environment;
use SharedCache\Console\ExitCode;
use SharedCache\Console\Failure;
use SharedCache\Console\Input;
use SharedCache\Console\Option;
use SharedCache\Console\Output;

/** `cache-worker clear` */
final class ClearCommand implements Command
{
    public function definition(): Definition
    {
        return new Definition('clear', 'Empty the cache, for all its processes', [], [
            new Option('yes', 'do not ask; without a terminal nothing is asked anyway'),
            new Option('json', 'print JSON'),
        ], 'Queues and counters stay. Nobody has a stale value afterwards: each page waits for what it needs.');
    }

    public function run(Input $input, Output $output): ExitCode
    {
        Environment::needSegment();
        $question = 'Empty ' . cache_info(true)['segment']['path'] . ' for all its processes?';
        if (!$input->flag('yes') && !$output->confirm($question)) {
            $output->line('Nothing was cleared.');

            return ExitCode::No;
        }
        if (!cache_clear()) {
            throw new Failure('The cache could not be cleared; the error log says why.', ExitCode::No);
        }
        $input->flag('json') ? $output->json(['cleared' => true]) : $output->line('The cache is empty.');

        return ExitCode::Ok;
    }
}
