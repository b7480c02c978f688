<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Worker;

use SharedCache\Rebuild\Rebuilder;

/** What a worker does and when it stops. Each limit is one of a single process; 0: none. */
final readonly class Options
{
    /** Seconds that a job is leased for. */
    public float $lease;

    /**
     * @param list<string> $queues in the order of their importance: a later one has its turn when the earlier ones are
     *     empty
     * @param int $limit jobs
     * @param float $timeLimit seconds
     * @param int $memoryLimit bytes
     * @param int $failureLimit failed jobs
     * @param float $timeout seconds for each job, then its process is killed
     * @param float|null $lease seconds after which another worker may take a job over, though its process is alive;
     *     null: somewhat more than $timeout, an hour if there is none
     */
    public function __construct(
        public array $queues,
        public int $limit = 0,
        public float $timeLimit = 0.0,
        public int $memoryLimit = 0,
        public int $failureLimit = 0,
        public float $timeout = 60.0,
        ?float $lease = null,
        public bool $stopWhenEmpty = false,
    ) {
        if (!$queues) {
            throw new \InvalidArgumentException('A worker needs a queue');
        }
        $this->lease = $lease ?? ($timeout > 0 ? $timeout + Rebuilder::MARGIN : 3600.0);
        if (!($this->lease > 0)) {
            throw new \InvalidArgumentException('The lease must be above 0');
        }
        if ($timeout > 0 && $this->lease <= ceil($timeout)) {
            throw new \InvalidArgumentException(
                'The lease must be longer than the timeout, else a job is taken over from a worker that may still do '
                    . 'it',
            );
        }
    }
}
