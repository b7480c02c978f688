<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace Drupal\Core\Cache;

interface CacheFactoryInterface
{
    /** @return CacheBackendInterface */
    public function get($bin);
}
