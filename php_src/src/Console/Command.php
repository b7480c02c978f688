<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Console;

interface Command
{
    public function definition(): Definition;

    /** @throws Failure */
    public function run(Input $input, Output $output): ExitCode;
}
