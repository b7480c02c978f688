<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console\Command;

use SharedCache\Console\Bootstrap;
use SharedCache\Console\Command;
use SharedCache\Console\Definition;
use SharedCache\Console\Environment;
use SharedCache\Console\ExitCode;
use SharedCache\Console\Failure;
use SharedCache\Console\Input;
use SharedCache\Console\Option;
use SharedCache\Console\Output;
use SharedCache\Log\Logger;
use SharedCache\Log\LineLogger;
use SharedCache\Rebuild\Registry;
use SharedCache\Worker\Child;
use SharedCache\Worker\Master;
use SharedCache\Worker\Options;
use SharedCache\Worker\Signals;
use SharedCache\Worker\StopReason;
use SharedCache\Worker\Worker;

/** `cache-worker run` */
final class RunCommand implements Command
{
    /**
     * @param \Closure(): Registry|null $registry instead of --bootstrap; called in each worker
     * @param Logger|null $logger instead of lines on standard output
     */
    public function __construct(private readonly ?\Closure $registry = null, private readonly ?Logger $logger = null)
    {
    }

    public function definition(): Definition
    {
        $bootstrap = new Option('bootstrap', 'PHP file that sets the application up and returns its Registry', 'FILE');

        return new Definition('run', 'Rebuild what the queues ask for', [], [
            ...($this->registry ? [] : [$bootstrap]),
            new Option('queue', 'the queues to serve, the most important first (default: all of the registry)', 'A,B'),
            new Option('processes', 'workers under a master that replaces those that die; 0: no master', 'N', '1'),
            new Option('timeout', 'a longer job is killed with its process and done again; 0: none', 'SECONDS', '60'),
            new Option('lease', 'then another worker takes a job over (default: the timeout and 5 s)', 'SECONDS'),
            new Option('limit', 'stop each process after so many jobs', 'N', '0'),
            new Option('time-limit', 'stop each process after that time', 'SECONDS', '0'),
            new Option('memory-limit', 'replace a process that has grown to that size', 'BYTES', '0'),
            new Option('failure-limit', 'stop each process after so many failed jobs, with exit status 1', 'N', '0'),
            new Option('stop-when-empty', 'stop when no job is ready'),
            new Option('once', 'do one job, in this process, or none if none is ready'),
            new Option('json', 'log one JSON object a line'),
        ], <<<'TEXT'
            Durations may have a unit (500ms, 90, 10m, 2h), sizes, too (128M, 1G).

            SIGTERM and SIGINT let each worker finish its job; a second one kills it, and the job is done again.
            SIGUSR2 pauses, SIGCONT goes on. -v logs each job that went well, -vv also those where nothing was to do,
            -q failures only.
            TEXT);
    }

    public function run(Input $input, Output $output): ExitCode
    {
        $once = $input->flag('once');
        $processes = $once ? 0 : $input->integer('processes');
        Environment::needProcesses($processes > 0);
        self::options($input, ['-']); // what is wrong with them is said before anything is started
        $this->registry || Bootstrap::check($input->text('bootstrap'));
        Environment::needCache($output);
        $logger = $this->logger ?? self::logger($input, $output);
        $work = fn (Signals $signals, ?Child $child, ?int $master): StopReason =>
            $this->work($input, $logger, $signals, $child, $master);

        return $processes === 0 ? self::alone($work) : self::prefork($work, $processes, $logger, $output);
    }

    /** @param \Closure(Signals, ?Child, ?int): StopReason $work */
    private static function alone(\Closure $work): ExitCode
    {
        $signals = new Signals();
        $signals->install(true);

        return $work($signals, null, null) === StopReason::Failures ? ExitCode::No : ExitCode::Ok;
    }

    /** @param \Closure(Signals, ?Child, ?int): StopReason $work */
    private static function prefork(\Closure $work, int $processes, Logger $logger, Output $output): ExitCode
    {
        $parent = getmypid();
        $master = new Master(static function (Child $child, Signals $signals) use ($work, $parent, $output): int {
            try {
                $reason = $work($signals, $child, $parent);
                $child->sayStopped($reason);

                return ExitCode::Ok->value;
            } catch (Failure $failure) {
                $output->error($failure->getMessage());
                $child->sayRefused();

                return $failure->getCode();
            } catch (\Throwable $error) {
                $output->error((string) $error);

                return 255;
            }
        }, $processes, $logger);
        $logger->log('notice', $processes === 1 ? 'starts 1 worker' : 'starts {processes} workers', [
            'event' => 'master',
            'processes' => $processes,
        ]);
        $master->run();
        if ($master->refusalIsExplained()) {
            return ExitCode::from($master->refusal());
        }
        if ($master->refusal() !== null) {
            throw new Failure(
                "The application ended the worker before it was ready, with exit status {$master->refusal()}: "
                    . "setting it up must not end the process.",
                ExitCode::Bootstrap,
            );
        }

        return $master->failuresReached() ? ExitCode::No : ExitCode::Ok;
    }

    private function work(
        Input $input,
        Logger $logger,
        Signals $signals,
        ?Child $child,
        ?int $master,
    ): StopReason {
        // What loaders and PHP print does not get between the log's lines.
        if (in_array(strtolower((string) ini_get('display_errors')), ['1', 'on', 'yes', 'true', 'stdout'], true)) {
            ini_set('display_errors', 'stderr');
        }
        ob_start(static function (string $printed): string {
            fwrite(STDERR, $printed);

            return '';
        }, 1);
        $level = ob_get_level();
        try {
            $registry = $this->registry ? ($this->registry)() : Bootstrap::registry($input->text('bootstrap'));
            $queues = self::queues($input, $registry);
            $options = self::options($input, $queues);
            $worker = new Worker($registry, $options, $signals, $logger, $child?->current, $master);
            $logger->log('notice', 'ready, serves {queues}', ['event' => 'ready', 'queues' => implode(',', $queues)]);
            $child?->sayReady();

            return $worker->run();
        } finally {
            // The application may have ended this one, as WoltLab's core does, or have begun others.
            while (ob_get_level() >= $level) {
                ob_end_clean();
            }
        }
    }

    /**
     * @param list<string> $queues
     * @throws Failure
     */
    private static function options(Input $input, array $queues): Options
    {
        $timeout = $input->seconds('timeout');
        $lease = $input->given('lease') ? $input->seconds('lease') : null;
        try {
            return new Options(
                $queues,
                $input->flag('once') ? 1 : $input->integer('limit'),
                $input->seconds('time-limit'),
                $input->bytes('memory-limit'),
                $input->integer('failure-limit'),
                $timeout,
                $lease,
                $input->flag('stop-when-empty') || $input->flag('once'),
            );
        } catch (\InvalidArgumentException) {
            throw new Failure(
                "--lease={$input->text('lease')} is too short: it must be longer than "
                    . "--timeout={$input->text('timeout')}, else a second worker takes what the first may still do.",
                ExitCode::Usage,
            );
        }
    }

    /** @return list<string> */
    private static function queues(Input $input, Registry $registry): array
    {
        $queues = $input->names('queue') ?: $registry->queues();
        foreach (array_diff($queues, $registry->queues()) as $unknown) {
            throw new Failure(
                "The registry has no loader for the queue \"$unknown\"; it has: "
                    . implode(', ', $registry->queues()) . '.',
                ExitCode::Usage,
            );
        }

        return $queues;
    }

    private static function logger(Input $input, Output $output): Logger
    {
        return new LineLogger(
            $output->write(...),
            match (true) {
                $output->verbosity <= Output::QUIET => 'warning',
                $output->verbosity === Output::NORMAL => 'notice',
                $output->verbosity === Output::VERBOSE => 'info',
                default => 'debug',
            },
            $input->flag('json'),
            $output->colours && !$input->flag('json'),
        );
    }
}
