<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Log;

/**
 * What the worker needs of a logger. PSR-3's levels, messages with {placeholders} and a context; PsrLogger takes such a
 * logger.
 */
interface Logger
{
    public const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

    /** Is somebody interested in this level? The worker makes no context for nothing: it has microseconds for a job. */
    public function wants(string $level): bool;

    /** @param array<string, mixed> $context `event` names what happened, in one word; durations are seconds */
    public function log(string $level, string $message, array $context = []): void;
}
