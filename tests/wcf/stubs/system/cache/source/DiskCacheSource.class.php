<?php

declare(strict_types=1);

namespace wcf\system\cache\source;

/** What WCF takes where another source fails; here it only counts. */
final class DiskCacheSource implements ICacheSource
{
    private array $values = [];

    public function flush(string $cacheName, bool $useWildcard)
    {
        foreach (array_keys($this->values) as $name) {
            if ($name === $cacheName || ($useWildcard && str_starts_with($name, "$cacheName-"))) {
                unset($this->values[$name]);
            }
        }
    }

    public function flushAll()
    {
        $this->values = [];
    }

    public function get(string $cacheName, int $maxLifetime)
    {
        return $this->values[$cacheName] ?? null;
    }

    public function set(string $cacheName, mixed $value, int $maxLifetime)
    {
        $this->values[$cacheName] = $value;
    }

    public function getCreationTime(string $cacheName, int $maxLifetime): ?int
    {
        return isset($this->values[$cacheName]) ? time() : null;
    }
}
