<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace Drupal\Core\Cache;

interface CacheTagsChecksumPreloadInterface
{
    /** Tags to ask for with the next question. */
    public function registerCacheTagsForPreload(array $cache_tags): void;
}
