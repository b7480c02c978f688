<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Rebuild;

/** A rebuild that is not worth finishing: its lease is gone. Thrown by Context::progress(), caught by Rebuilder. */
final class AbandonedException extends \RuntimeException
{
}
