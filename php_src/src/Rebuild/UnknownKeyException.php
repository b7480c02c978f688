<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Rebuild;

/** A key for which the registry has no loader. */
final class UnknownKeyException extends \DomainException
{
}
