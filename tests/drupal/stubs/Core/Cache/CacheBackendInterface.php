<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace Drupal\Core\Cache;

/**
 * A bin. An item is an object with `cid`, `data`, `created` (seconds, milliseconds as its fraction), `expire` (seconds, or -1), `tags`
 * and `valid`.
 */
interface CacheBackendInterface
{
    public const CACHE_PERMANENT = -1;

    /** @return object|false the item; an invalid one only if that is allowed */
    public function get($cid, $allow_invalid = false);

    /** @param array $cids afterwards only those of which nothing was found @return array<array-key, object> by cid */
    public function getMultiple(&$cids, $allow_invalid = false);

    public function set($cid, $data, $expire = Cache::PERMANENT, array $tags = []);

    /** @param array<array-key, array{data: mixed, expire?: int, tags?: string[]}> $items by cid */
    public function setMultiple(array $items);

    public function delete($cid);

    public function deleteMultiple(array $cids);

    public function deleteAll();

    public function invalidate($cid);

    public function invalidateMultiple(array $cids);

    public function invalidateAll();

    public function garbageCollection();

    public function removeBin();
}
