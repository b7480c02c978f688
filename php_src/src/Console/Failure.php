<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console;

/** Ends a command: a sentence that says what is wrong and what to do, and an exit status. */
final class Failure extends \RuntimeException
{
    public function __construct(string $sentence, ExitCode $code)
    {
        parent::__construct($sentence, $code->value);
    }
}
