<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Rebuild;

/** A loader read the cache; see Guard. */
final class ImpureLoaderException extends \LogicException
{
}
