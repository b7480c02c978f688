<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Worker;

use SharedCache\Log\Logger;
use SharedCache\Log\NullLogger;
use SharedCache\Rebuild\Outcome;
use SharedCache\Rebuild\Rebuilder;
use SharedCache\Rebuild\Registry;

/** Takes jobs and does them, one after the other, until a limit is reached or a signal asks it to stop. */
final class Worker
{
    /** Seconds that one wait for a job lasts: handlers of signals only set flags, which are looked at in between. */
    private const SLICE = 0.5;

    private readonly Rebuilder $rebuilder;
    private readonly ?Alarm $alarm;
    private int $jobs = 0;
    private int $failures = 0;
    private bool $idle = false;
    private readonly int $pid;

    /** @param int|null $master the process to end with; null: none */
    public function __construct(
        Registry $registry,
        private readonly Options $options,
        private readonly Signals $signals,
        private readonly Logger $logger = new NullLogger(),
        private readonly ?CurrentJob $current = null,
        private readonly ?int $master = null,
    ) {
        $this->alarm = new Alarm($options->timeout);
        $this->rebuilder = new Rebuilder($registry, $options->lease, $logger, $this->alarm);
        $this->pid = getmypid();
        register_shutdown_function($this->diedInside(...));
    }

    public function run(): StopReason
    {
        $started = hrtime(true);
        $until = $this->options->timeLimit > 0 ? $started + (int) ($this->options->timeLimit * 1e9) : PHP_INT_MAX;
        do {
            $reason = $this->work($until);
        } while ($reason === null);
        $this->alarm->end();
        $message = "stops: {$reason->sentence()}; {jobs} jobs done, {failures} failed in {seconds} s";
        $this->logger->log('notice', $message, [
            'event' => 'stopped',
            'reason' => $reason->value,
            'jobs' => $this->jobs,
            'failures' => $this->failures,
            'seconds' => round((hrtime(true) - $started) / 1e9, 3),
            'memory_peak' => memory_get_peak_usage(true),
        ]);

        return $reason;
    }

    /** Jobs that were taken, however they ended. */
    public function jobs(): int
    {
        return $this->jobs;
    }

    public function failures(): int
    {
        return $this->failures;
    }

    /** One step: a job, or a while of waiting. Null: go on. */
    private function work(int $until): ?StopReason
    {
        $options = $this->options;
        if ($this->signals->stop) {
            return StopReason::Signal;
        }
        if ($this->orphaned()) {
            return StopReason::Orphaned;
        }
        if ($until !== PHP_INT_MAX && hrtime(true) >= $until) {
            return StopReason::Time;
        }
        if ($this->signals->paused) {
            $this->pause($until);

            return null;
        }
        $job = cache_queue_pop($options->queues, 0.0, $options->lease);
        if ($job === null) {
            if ($options->stopWhenEmpty) {
                return StopReason::Empty;
            }
            $this->idle();
            $wait = $until === PHP_INT_MAX ? self::SLICE : max(0.0, min(self::SLICE, ($until - hrtime(true)) / 1e9));
            $job = cache_queue_pop($options->queues, $wait, $options->lease);
            if ($job === null) {
                return null;
            }
        }
        $this->idle = false;
        $this->current?->begin($job);
        $outcome = $this->rebuilder->run($job);
        $this->jobs++;
        if ($outcome === Outcome::Failed && ++$this->failures === $options->failureLimit) {
            return StopReason::Failures;
        }
        if ($this->jobs === $options->limit) {
            return StopReason::Jobs;
        }

        return $options->memoryLimit > 0 && memory_get_usage(true) >= $options->memoryLimit ? StopReason::Memory : null;
    }

    private function idle(): void
    {
        if (!$this->idle) {
            $this->idle = true;
            $this->alarm->end();
            $this->current?->end();
        }
    }

    private function pause(int $until): void
    {
        $this->idle();
        $this->logger->log('notice', 'pauses; SIGCONT lets it go on', ['event' => 'paused']);
        while ($this->signals->paused && !$this->signals->stop && hrtime(true) < $until && !$this->orphaned()) {
            usleep(200_000); // a signal ends it earlier
        }
        if (!$this->signals->paused) {
            $this->logger->log('notice', 'goes on', ['event' => 'resumed']);
        }
    }

    private function orphaned(): bool
    {
        return $this->master !== null && posix_getppid() !== $this->master;
    }

    /** A loader called exit(), or PHP gave up: out of memory, for example. */
    private function diedInside(): void
    {
        if (getmypid() !== $this->pid) {
            return; // a process that the loader forked
        }
        $error = error_get_last();
        $fatal = $error && $error['type'] & (E_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR);
        $this->rebuilder->abandon($fatal
            ? sprintf('%s (%s:%d)', strtok($error['message'], "\n"), basename($error['file']), $error['line'])
            : 'The loader ended the process by exit()');
    }
}
