<?php

/*
 * Part of the bridge from WoltLab Suite Core to the PHP extension "cache".
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
declare(strict_types=1);

namespace wcf\system\cache\source;

use SharedCache\Key;
use SharedCache\Lease;
use SharedCache\Pool;
use wcf\system\cache\shared\BuilderGuard;
use wcf\system\cache\shared\SharedCacheSettings;
use wcf\system\cache\shared\SharedPool;
use wcf\system\exception\SystemException;

/**
 * The shared cache as a cache source of WCF: CACHE_SOURCE_TYPE "shared". Works with the interface of 5.x to 6.1, whose parameters have no
 * types, and with that of 6.2.
 *
 * Who finds nothing is expected to build the value and to set() it, as all builders of WCF do. He has the right to do so; the
 * others who ask wait for him. What he sets is not stored if the cache was flushed after his get(): it may show what was
 * before.
 */
final class SharedCacheSource implements ICacheSource
{
    private readonly Pool $pool;
    private readonly SharedCacheSettings $settings;

    /** @var array<string, Lease|null> of the names that get() has not found; null: another process has the lease */
    private array $missed = [];

    /** @throws SystemException this process cannot use the cache; WCF takes the disk then, and says so in the ACP */
    public function __construct()
    {
        $this->settings = SharedPool::settings();
        $this->pool = SharedPool::get() ?? throw new SystemException(
            'The shared cache cannot be used: the extension "cache" or its library is not loaded, or it is disabled',
        );
    }

    /**
     * @param string $cacheName
     * @param bool $useWildcard also those of the name with parameters. O(1), however many there are
     */
    public function flush($cacheName, $useWildcard)
    {
        if ($useWildcard) {
            $this->pool->invalidateTags(self::base((string) $cacheName), true);
        } else {
            $this->pool->delete(self::key((string) $cacheName));
        }
    }

    /** Also of eager and tolerant caches. O(1). */
    public function flushAll()
    {
        $this->pool->clear();
    }

    /**
     * @param string $cacheName
     * @param int $maxLifetime seconds; 0: any age
     * @return mixed null: build it, and set() it
     */
    public function get($cacheName, $maxLifetime)
    {
        $name = (string) $cacheName;
        BuilderGuard::read($name);
        $key = self::key($name);
        $value = $this->find($key, (int) $maxLifetime, $found);

        return $found ? $value : $this->miss($name, $key);
    }

    /**
     * @param string $cacheName
     * @param mixed $value
     * @param int $maxLifetime seconds; 0: until it is flushed
     */
    public function set($cacheName, $value, $maxLifetime)
    {
        $name = (string) $cacheName;
        $tags = [self::base($name)];
        $ttl = \max(0, (int) $maxLifetime);
        $grace = $ttl > 0 ? $this->settings->grace : 0.0;
        if (!\array_key_exists($name, $this->missed)) {
            $this->pool->set(self::key($name), $value, $ttl, $grace, $tags);

            return;
        }
        $lease = $this->missed[$name];
        unset($this->missed[$name]);
        $lease?->commit($value, $ttl, $grace, $tags);
    }

    /**
     * The only thing that WCF's own tolerant caches ask a source about a rebuild. So the answer is who rebuilds: it is a
     * time that is long past for exactly one caller, once a part of the lifetime has passed, and now for all others. The
     * one who is named has some time to see to it, then another one is named.
     *
     * @param string $cacheName
     * @param int $maxLifetime seconds; 0: nobody is named, and it is the time of creation
     * @return int|null seconds since the epoch; null: there is no such value
     */
    public function getCreationTime($cacheName, $maxLifetime): ?int
    {
        $key = self::key((string) $cacheName);
        $maxLifetime = (int) $maxLifetime;
        $entry = $this->pool->entries([$key], \PHP_INT_MAX)[$key] ?? null;
        if ($entry === null || !$entry->state->isFresh()) {
            return null;
        }
        $created = \intdiv($entry->stamp, 1_000_000);
        if ($maxLifetime <= 0) {
            return $created;
        }
        $now = \time();
        $isDue = $now - $created >= $maxLifetime * $this->settings->refresh;
        // The entry's word is the time until which somebody has the claim.
        if ($isDue && $entry->word <= $now && $this->pool->exchangeWord($key, $entry->word, $now + $this->settings->claim)) {
            return \min($now, \TIME_NOW) - $maxLifetime - 1;
        }

        return $now;
    }

    private function find(string $key, int $maxLifetime, ?bool &$found): mixed
    {
        if ($maxLifetime <= 0) {
            return $this->pool->get($key, null, $found);
        }
        $oldest = Pool::now() - $maxLifetime * 1_000_000;
        $entry = $this->pool->entries([$key], \max(0, $oldest))[$key] ?? null;
        $isFresh = $entry !== null && $entry->state->isFresh();
        $found = $isFresh && $entry->decoded;
        if ($isFresh && !$found) {
            // It was set with a longer lifetime: nobody who waits for a new one shall find it.
            $this->pool->casDelete($key, $entry->token);
        }

        return $found ? $entry->value : null;
    }

    private function miss(string $name, string $key): mixed
    {
        $lease = $this->pool->lease($key, $this->settings->lease);
        if ($lease === null && isset($this->missed[$name])) {
            return null; // this request has the right already, and asks again
        }
        if ($lease === null) {
            $old = $this->settings->grace > 0.0 ? $this->pool->peek($key) : null;
            if ($old?->isFound()) {
                return $old->value;
            }
            $isMine = false;
            $value = $this->pool->compute($key, static function () use (&$isMine): string {
                $isMine = true; // nobody is at it any more, or that takes too long

                return Pool::KEEP;
            }, wait: $this->settings->wait);
            if (!$isMine) {
                return $value;
            }
            $lease = $this->pool->lease($key, $this->settings->lease);
        }
        // Between the look-up and the lease somebody may have set it.
        $value = $this->pool->get($key, null, $found);
        if ($found) {
            return $value;
        }
        $this->missed[$name] = $lease;

        return null;
    }

    private static function key(string $name): string
    {
        return Key::of('source', $name);
    }

    /** The name without the hash of the parameters. */
    private static function base(string $name): string
    {
        return \explode('-', $name, 2)[0];
    }
}
