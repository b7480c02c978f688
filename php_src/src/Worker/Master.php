<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Worker;

use SharedCache\Log\Logger;
use SharedCache\Log\NullLogger;

/**
 * Keeps a number of workers alive, each a forked process: one that dies is replaced, one that reached a limit is not;
 * except that a worker which has grown to its memory limit is. It does no job and runs no code of the application, so
 * it holds nothing that a fork would share, and a deployment needs no more than new workers.
 *
 * SIGTERM, SIGINT: the workers finish their jobs; a second one kills them, and their jobs are ready again. SIGUSR2 and
 * SIGCONT are passed on.
 */
final class Master
{
    /** A worker that lived for that many seconds ends a row of crashes. */
    private const STEADY = 10.0;
    private const FIRST_DELAY = 0.25;
    private const LONGEST_DELAY = 30.0;
    private const SIGNALS = [SIGTERM, SIGINT, SIGHUP, SIGUSR2, SIGCONT, SIGCHLD];

    /** @var array<int, Child> by process id */
    private array $children = [];
    /** @var list<int> when (hrtime) to start workers that are missing */
    private array $due = [];
    private bool $wasReady = false;
    private int $crashes = 0;
    private int $stopSignals = 0;
    private bool $paused = false;
    private bool $failuresReached = false;
    /** A worker that could not begin, and its exit status; null: none */
    private ?Child $refused = null;
    private int $refusedStatus = 0;

    /**
     * @param \Closure(Child, Signals): int $work runs in the worker; what it returns is the process's exit status. It
     *     calls Child::sayReady() when the application is loaded, Child::sayStopped() when it ends as planned, or
     *     Child::sayRefused(). It must not throw: that would go on in the master's place
     */
    public function __construct(
        private readonly \Closure $work,
        private readonly int $processes,
        private readonly Logger $logger = new NullLogger(),
    ) {
    }

    /**
     * Until all workers have ended as planned, or the first one could not even begin: then starting more of them is no
     * use.
     */
    public function run(): void
    {
        $this->handleSignals();
        // The first one alone: what is wrong with the application is said once, not by each worker.
        $this->start();
        while ($this->children || $this->due) {
            $this->wait();
            $this->listen();
            $this->reap();
            $this->startDue();
        }
    }

    /** The exit status of the worker that could not begin; null: it could. */
    public function refusal(): ?int
    {
        return $this->refused ? $this->refusedStatus : null;
    }

    /** Has that worker said why? */
    public function refusalIsExplained(): bool
    {
        return $this->refused->refused ?? false;
    }

    /** Did a worker end because too many jobs failed? */
    public function failuresReached(): bool
    {
        return $this->failuresReached;
    }

    private function handleSignals(): void
    {
        pcntl_async_signals(true);
        foreach ([SIGTERM, SIGINT, SIGHUP] as $signal) {
            pcntl_signal($signal, $this->stop(...));
        }
        pcntl_signal(SIGUSR2, fn () => $this->pass(SIGUSR2, true));
        pcntl_signal(SIGCONT, fn () => $this->pass(SIGCONT, false));
        pcntl_signal(SIGCHLD, static fn () => null); // ends the wait
    }

    private function stop(): void
    {
        $this->stopSignals++;
        $this->due = [];
        if ($this->stopSignals === 1) {
            $this->logger->log('notice', 'waits for the jobs of {workers} workers to end; a second signal kills them', [
                'event' => 'stopping',
                'workers' => count($this->children),
            ]);
        }
        $this->signal($this->stopSignals === 1 ? SIGTERM : SIGKILL);
    }

    private function pass(int $signal, bool $paused): void
    {
        $this->paused = $paused;
        $this->signal($signal);
    }

    private function signal(int $signal): void
    {
        foreach ($this->children as $pid => $child) {
            posix_kill($pid, $signal);
        }
    }

    private function start(): void
    {
        $child = new Child();
        // Until the worker has handlers of its own, signals wait: ours, which it inherits, would do the master's work
        // there.
        pcntl_sigprocmask(SIG_BLOCK, self::SIGNALS, $before);
        $pid = pcntl_fork();
        if ($pid === 0) {
            exit($this->becomeWorker($child, $before));
        }
        if ($pid > 0) {
            $child->becameParent($pid);
            $this->children[$pid] = $child;
            $this->paused && posix_kill($pid, SIGUSR2);
        } else {
            $this->logger->log('error', 'no process can be started: {error}', [
                'event' => 'fork-failed',
                'error' => pcntl_strerror(pcntl_get_last_error()),
            ]);
            $this->startLater();
        }
        pcntl_sigprocmask(SIG_SETMASK, $before);
    }

    private function becomeWorker(Child $child, array $mask): int
    {
        $child->becameChild();
        foreach ($this->children as $sibling) {
            $sibling->forget();
        }
        $this->children = [];
        // Not the numbers that every other worker draws.
        mt_srand();
        // Handlers first, and never the default action in between: PHP unblocks a signal when it is given a handler.
        $signals = new Signals();
        $signals->install(false);
        pcntl_signal(SIGHUP, SIG_IGN);
        pcntl_signal(SIGCHLD, SIG_DFL);
        pcntl_sigprocmask(SIG_SETMASK, $mask);

        return ($this->work)($child, $signals);
    }

    /** Until a worker says something or ends, a signal arrives, or it is time to start one. */
    private function wait(): void
    {
        $wait = 1.0;
        foreach ($this->due as $due) {
            $wait = min($wait, max(0.0, ($due - hrtime(true)) / 1e9));
        }
        $read = array_map(static fn (Child $child): mixed => $child->pipe(), array_filter(
            $this->children,
            static fn (Child $child): bool => $child->listening,
        ));
        if (count($read) < count($this->children)) {
            // One is about to end, which its pipe cannot tell any more; a signal that came a moment ago cannot end the
            // wait.
            $wait = min($wait, 0.01);
        }
        if (!$read) {
            usleep((int) ($wait * 1e6));

            return;
        }
        $none = null;
        @stream_select($read, $none, $none, 0, (int) ($wait * 1e6));
    }

    private function listen(): void
    {
        foreach ($this->children as $child) {
            $child->listen();
            if ($child->ready && !$this->wasReady) {
                $this->wasReady = true;
                for ($i = 1; $i < $this->processes && !$this->stopSignals; $i++) {
                    $this->start();
                }
            }
        }
    }

    private function reap(): void
    {
        foreach ($this->children as $pid => $child) {
            if (pcntl_waitpid($pid, $status, WNOHANG) === $pid) {
                unset($this->children[$pid]);
                $child->listen();
                $this->ended($child, $status);
            }
        }
    }

    private function ended(Child $child, int $status): void
    {
        if ($child->reason !== null) {
            $this->failuresReached = $this->failuresReached || $child->reason === StopReason::Failures;
            if ($child->reason === StopReason::Memory && !$this->stopSignals) {
                $this->start();
            }

            return;
        }
        if (!$this->wasReady && pcntl_wifexited($status)) {
            $this->refused = $child;
            $this->refusedStatus = pcntl_wexitstatus($status);

            return;
        }
        $this->logDeath($child, $status);
        if ($this->stopSignals) {
            return;
        }
        $this->crashes = $child->age() >= self::STEADY ? 0 : $this->crashes + 1;
        $this->startLater();
    }

    private function startLater(): void
    {
        $delay = min(self::LONGEST_DELAY, self::FIRST_DELAY * 2 ** min(20, $this->crashes - 1));
        $delay = $this->crashes === 0 ? 0.0 : $delay;
        $this->due[] = hrtime(true) + (int) ($delay * 1e9);
    }

    private function startDue(): void
    {
        foreach ($this->due as $i => $due) {
            if ($due <= hrtime(true)) {
                unset($this->due[$i]);
                $this->start();
            }
        }
    }

    private function logDeath(Child $child, int $status): void
    {
        $job = $child->current->read();
        $signal = pcntl_wifsignaled($status) ? pcntl_wtermsig($status) : null;
        $how = match (true) {
            $signal === SIGALRM => 'overran the timeout and was killed',
            $signal !== null => 'was killed by ' . self::signalName($signal),
            default => 'died with status ' . pcntl_wexitstatus($status),
        };
        $message = 'worker {worker} {how}' . ($job === null ? '' : '; it was at {job}, which is done again');
        $this->logger->log('error', $message, [
            'event' => $signal === SIGALRM ? 'timeout' : 'died',
            'worker' => $child->pid,
            'how' => $how,
            'signal' => $signal,
            'job' => $job,
        ]);
    }

    private static function signalName(int $signal): string
    {
        foreach (['SIGKILL', 'SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGFPE', 'SIGILL'] as $name) {
            if (constant($name) === $signal) {
                return $name;
            }
        }

        return "signal $signal";
    }
}
