<?php

declare(strict_types=1);

namespace wcf\system\cache\tolerant;

use wcf\system\background\BackgroundQueueHandler;
use wcf\system\background\job\TolerantCacheRebuildBackgroundJob;
use wcf\system\cache\CacheHandler;

/**
 * WoltLab's own tolerant cache, as far as a source notices it: any age is served; it asks for the creation time, draws by chance
 * how long before the end of the lifetime it is to be rebuilt, ten seconds in the mean, and queues a job.
 */
abstract class AbstractTolerantCache
{
    private array|object|null $value = null;

    abstract public function getLifetime(): int;

    abstract protected function rebuildCacheData(): array|object;

    final public function getCache(): array|object
    {
        if ($this->value === null) {
            $this->value = CacheHandler::getInstance()->getCacheSource()->get($this->name(), 0);
            if ($this->value === null) {
                $this->rebuild();
            }
            $ahead = -10 * log(random_int(1, PHP_INT_MAX) / PHP_INT_MAX);
            if (\TIME_NOW + $ahead >= $this->nextRebuildTime()) {
                BackgroundQueueHandler::getInstance()->enqueueIn([new TolerantCacheRebuildBackgroundJob(static::class)]);
                BackgroundQueueHandler::getInstance()->forceCheck();
            }
        }

        return $this->value;
    }

    final public function rebuild(): void
    {
        $value = $this->rebuildCacheData();
        $this->value ??= $value;
        CacheHandler::getInstance()->getCacheSource()->set($this->name(), $value, 0);
    }

    final public function nextRebuildTime(): int
    {
        $created = CacheHandler::getInstance()->getCacheSource()->getCreationTime($this->name(), $this->getLifetime());

        return $created === null ? \TIME_NOW : $created + $this->getLifetime();
    }

    private function name(): string
    {
        return str_replace(['\\', 'system_cache_tolerant_'], ['_', ''], static::class);
    }
}
