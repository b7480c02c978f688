<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Worker;

/**
 * Kills this process when a job overruns its timeout: by SIGALRM, whose default action needs no PHP code to run, so
 * that it ends a query that hangs, too. The job is ready again at once, since its worker is dead. Whole seconds,
 * rounded up.
 */
final class Alarm
{
    private float $seconds = 0.0;
    private bool $set = false;

    /** @param float $default seconds; 0: no limit */
    public function __construct(private readonly float $default)
    {
        pcntl_signal(SIGALRM, SIG_DFL);
    }

    /** A job begins. The alarm of the one before, which may still be running, is replaced. */
    public function begin(?float $timeout): void
    {
        $this->set($this->seconds = $timeout ?? $this->default);
    }

    /** The job goes on: its time begins anew, and is that long at least. */
    public function extend(float $seconds): void
    {
        if ($this->seconds > 0) {
            $this->set(max($this->seconds, $seconds));
        }
    }

    /** The timeout of the job that is running; 0: none. */
    public function seconds(): float
    {
        return $this->seconds;
    }

    /** No job is running, and none follows at once. */
    public function end(): void
    {
        $this->set($this->seconds = 0.0);
    }

    private function set(float $seconds): void
    {
        if ($seconds > 0 || $this->set) {
            pcntl_alarm((int) ceil($seconds));
            $this->set = $seconds > 0;
        }
    }
}
