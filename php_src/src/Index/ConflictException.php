<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/** A row was changed or removed by another transaction since it was read: roll back, read it again, try again. */
final class ConflictException extends \RuntimeException
{
}
