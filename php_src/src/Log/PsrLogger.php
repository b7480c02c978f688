<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Log;

use Psr\Log\LoggerInterface;

/** Hands everything from a level on to a PSR-3 logger, whose interface is not needed unless there is one. */
final class PsrLogger implements Logger
{
    private readonly int $from;

    /** @param string $from the lowest level to hand on; each job that went well is an `info` */
    public function __construct(private readonly LoggerInterface $logger, string $from = 'info')
    {
        $index = array_search($from, self::LEVELS, true);
        if ($index === false) {
            throw new \InvalidArgumentException(
                "\"$from\" is no level of PSR-3; these are: " . implode(', ', self::LEVELS),
            );
        }
        $this->from = $index;
    }

    public function wants(string $level): bool
    {
        return array_search($level, self::LEVELS, true) >= $this->from;
    }

    public function log(string $level, string $message, array $context = []): void
    {
        if ($this->wants($level)) {
            $this->logger->log($level, $message, $context);
        }
    }
}
