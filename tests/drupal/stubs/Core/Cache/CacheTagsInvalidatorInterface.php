<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace Drupal\Core\Cache;

interface CacheTagsInvalidatorInterface
{
    /** @param string[] $tags */
    public function invalidateTags(array $tags);
}
