<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Log;

/** Nobody is interested. */
final class NullLogger implements Logger
{
    public function wants(string $level): bool
    {
        return false;
    }

    public function log(string $level, string $message, array $context = []): void
    {
    }
}
