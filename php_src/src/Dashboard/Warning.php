<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/** Something that an operator should know, and what he may do. */
final class Warning
{
    /** @param string $code stays the same when the text changes: for scripts */
    public function __construct(
        public readonly Level $level,
        public readonly string $code,
        public readonly string $text,
        public readonly string $advice,
    ) {
    }
}
