<?php

/*
 * Part of the bridge from WoltLab Suite Core to the PHP extension "cache".
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
declare(strict_types=1);

namespace wcf\system\cache\shared;

/** What WCF's config.inc.php says, by the constants SHARED_CACHE_*; see docs/wcf.md. */
final readonly class SharedCacheSettings
{
    /**
     * @param string $prefix of all keys: what tells the installations of one machine apart
     * @param string|null $queue stale values are rebuilt by the workers of this queue; null: by the request that sees them, after
     *     its response was sent
     * @param float $refresh part of the lifetime after which a tolerant cache is rebuilt
     * @param float $wait seconds to wait at most for a value that another process builds
     * @param float $lease seconds that a build may take before another process may take over from one that lives
     * @param int $claim seconds for which getCreationTime() names nobody else after it has named one to rebuild
     * @param float $grace seconds for which an expired value of a cache source is served to those who would wait for the one
     *     who builds a new one; never one that was flushed
     * @param bool $strict does a builder that reads a cache throw, or is it counted?
     */
    public function __construct(
        public string $prefix,
        public ?string $queue = null,
        public float $refresh = 0.8,
        public float $wait = 5.0,
        public float $lease = 30.0,
        public int $claim = 60,
        public float $grace = 0.0,
        public bool $strict = false,
    ) {
        if (!($refresh > 0.0 && $refresh <= 1.0)) {
            throw new \InvalidArgumentException('SHARED_CACHE_REFRESH is a part of the lifetime, as 0.8');
        }
    }

    public static function fromConstants(): self
    {
        $queue = self::constant('SHARED_CACHE_QUEUE', '');

        return new self(
            // Not WCF_N: installations of two users' databases have the same.
            self::constant('SHARED_CACHE_PREFIX', 'wcf-' . substr(sha1(WCF_DIR), 0, 12)),
            $queue === '' ? null : $queue,
            (float) self::constant('SHARED_CACHE_REFRESH', 0.8),
            (float) self::constant('SHARED_CACHE_WAIT', 5.0),
            (float) self::constant('SHARED_CACHE_LEASE', 30.0),
            (int) self::constant('SHARED_CACHE_CLAIM', 60),
            (float) self::constant('SHARED_CACHE_GRACE', 0.0),
            (bool) self::constant('ENABLE_DEBUG_MODE', false),
        );
    }

    private static function constant(string $name, mixed $default): mixed
    {
        return \defined($name) ? \constant($name) : $default;
    }
}
