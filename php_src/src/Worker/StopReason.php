<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Worker;

/** Why a worker ended on its own accord. */
enum StopReason: string
{
    case Signal = 'signal';
    case Jobs = 'limit';
    case Time = 'time-limit';
    case Memory = 'memory-limit';
    case Failures = 'failure-limit';
    case Empty = 'empty';
    case Orphaned = 'orphaned';

    public function sentence(): string
    {
        return match ($this) {
            self::Signal => 'asked to stop',
            self::Jobs => 'the limit of jobs is reached',
            self::Time => 'the time limit is reached',
            self::Memory => 'the memory limit is reached',
            self::Failures => 'the limit of failures is reached',
            self::Empty => 'nothing is left to do',
            self::Orphaned => 'the master is gone',
        };
    }
}
