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

/** `cache-worker push` */
final class PushCommand implements Command
{
    private const RESULTS = [
        1 => ['queued', 'Queued.'],
        0 => ['merged', 'A job for this key waits already.'],
        2 => ['again', 'The job for this key is running, and will run once more.'],
        -1 => ['full', 'The queue is full: raise cache.queue_size, or start more workers.'],
    ];

    public function definition(): Definition
    {
        return new Definition(
            'push',
            'Queue a job: rebuild this key',
            [new Argument('queue', 'the queue'), new Argument('key', 'the key of the entry to rebuild')],
            [
                new Option('payload', 'for the loader: any JSON; objects become arrays', 'JSON'),
                new Option('delay', 'not before that time has passed', 'SECONDS', '0'),
                new Option('priority', 'higher ones first', 'N', '0'),
                new Option('json', 'print JSON'),
            ],
        );
    }

    public function run(Input $input, Output $output): ExitCode
    {
        $payload = self::payload($input);
        $delay = $input->seconds('delay');
        $priority = $input->integer('priority', PHP_INT_MIN);
        Environment::needCache($output);
        try {
            $result = cache_queue_push($input->argument('queue'), $input->argument('key'), $payload, $delay, $priority);
        } catch (\ValueError $error) {
            throw new Failure(
                'This cannot be queued: ' . preg_replace('~^cache_queue_push\(\): ~', '', $error->getMessage()) . '.',
                ExitCode::Usage,
            );
        }
        [$word, $sentence] = self::RESULTS[$result];
        if ($input->flag('json')) {
            $output->json(['result' => $word]);
        } elseif ($result < 0) {
            throw new Failure($sentence, ExitCode::No);
        } else {
            $output->line($sentence);
            if (cache_queue_info($input->argument('queue'))['workers'] === 0) {
                $output->note(Queues::unservedNote($input->argument('queue')));
            }
        }

        return $result < 0 ? ExitCode::No : ExitCode::Ok;
    }

    private static function payload(Input $input): mixed
    {
        try {
            return $input->given('payload')
                ? json_decode($input->text('payload'), true, 512, JSON_THROW_ON_ERROR)
                : null;
        } catch (\JsonException $error) {
            throw new Failure(
                "--payload is not valid JSON ({$error->getMessage()}): a text needs quotes of its own, "
                    . "--payload='\"text\"'.",
                ExitCode::Usage,
            );
        }
    }
}
