<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace Drupal\Core\Cache;

final class Cache
{
    public const PERMANENT = CacheBackendInterface::CACHE_PERMANENT;
}
