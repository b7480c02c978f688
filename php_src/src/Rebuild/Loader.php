<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Rebuild;

/**
 * Makes the value of a key from its source: a database, files, another service.
 *
 * A loader is pure: what it returns depends on the key, the payload and the source only. It does not read the cache,
 * because a value made of cached values is as old as the oldest of them and nobody knows; see Guard. It may be called
 * several times for one change, in any process, also in a web request when the key is missing there.
 *
 * The registry makes one instance for each job. Constructor parameters are named after the placeholders of the pattern;
 * see Registry::add().
 */
interface Loader
{
    /**
     * @return mixed the value, stored with what was given to Registry::add(); or a Value, which has durations and tags
     *     of its own; or CACHE_KEEP: nothing is stored and the job is done
     * @throws \Throwable nothing is stored, the job is tried again later
     */
    public function load(Context $context): mixed;
}
