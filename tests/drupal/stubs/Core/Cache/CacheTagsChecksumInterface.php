<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace Drupal\Core\Cache;

/** Tells items that were stored before an invalidation of one of their tags by a sum of counts. */
interface CacheTagsChecksumInterface
{
    /** The sum while a transaction is open in which one of the tags was invalidated: such an item should not be stored. */
    public const INVALID_CHECKSUM_WHILE_IN_TRANSACTION = -1;

    /** @param string[] $tags @return int|string */
    public function getCurrentChecksum(array $tags);

    /** @param string[] $tags @return bool */
    public function isValid($checksum, array $tags);

    /** Forgets what is kept for the request. */
    public function reset();
}
