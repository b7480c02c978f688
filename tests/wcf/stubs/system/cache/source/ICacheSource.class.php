<?php

declare(strict_types=1);

namespace wcf\system\cache\source;

/** The interface of 6.2, from its documentation: what a cache source must be able to do. */
interface ICacheSource
{
    public function flush(string $cacheName, bool $useWildcard);

    public function flushAll();

    public function get(string $cacheName, int $maxLifetime);

    public function set(string $cacheName, mixed $value, int $maxLifetime);

    public function getCreationTime(string $cacheName, int $maxLifetime): ?int;
}
