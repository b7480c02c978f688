<?php

/*
 * Part of the bridge from WoltLab Suite Core to the PHP extension "cache".
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
declare(strict_types=1);

namespace wcf\system\cache\shared;

/** The builder of a cache has read a cache; see BuilderGuard. */
final class ImpureBuilderException extends \LogicException
{
}
