<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Worker;

/**
 * What signals ask a worker for. Handlers only set flags, so they may run at any instant. SIGTERM and SIGINT: stop
 * after the job; SIGUSR2: pause after the job; SIGCONT: go on.
 */
final class Signals
{
    public const HANDLED = [SIGTERM, SIGINT, SIGUSR2, SIGCONT];

    public bool $stop = false;
    public bool $paused = false;

    /**
     * @param bool $interrupt false: SIGINT is ignored, since the master gets it from the terminal, too, and passes it
     *     on
     */
    public function install(bool $interrupt): void
    {
        pcntl_async_signals(true);
        pcntl_signal(SIGTERM, $this->stop(...));
        pcntl_signal(SIGINT, $interrupt ? $this->stop(...) : SIG_IGN);
        pcntl_signal(SIGUSR2, function (): void {
            $this->paused = true;
        });
        pcntl_signal(SIGCONT, function (): void {
            $this->paused = false;
        });
    }

    private function stop(): void
    {
        $this->stop = true;
    }
}
