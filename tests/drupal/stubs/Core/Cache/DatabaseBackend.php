<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace Drupal\Core\Cache;

/** By its class the factory of chained bins knows that versions can be had. */
abstract class DatabaseBackend implements CacheBackendInterface
{
}
