<?php

declare(strict_types=1);

namespace SharedCache\Tests;

use SharedCache\Log\Logger;

/** Remembers what was logged. */
final class Log implements Logger
{
    /** @var list<array{string, array<string, mixed>}> level and context */
    public array $lines = [];

    public function wants(string $level): bool
    {
        return true;
    }

    public function log(string $level, string $message, array $context = []): void
    {
        $this->lines[] = [$level, $context];
    }
}
