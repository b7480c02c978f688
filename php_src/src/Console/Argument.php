<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console;

/** A positional argument of a command. */
final readonly class Argument
{
    public function __construct(public string $name, public string $description, public bool $required = true)
    {
    }

    public function usage(): string
    {
        return $this->required ? strtoupper($this->name) : '[' . strtoupper($this->name) . ']';
    }
}
