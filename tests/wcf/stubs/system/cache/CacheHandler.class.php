<?php

declare(strict_types=1);

namespace wcf\system\cache;

use wcf\system\cache\builder\ICacheBuilder;
use wcf\system\cache\source\DiskCacheSource;
use wcf\system\cache\source\ICacheSource;
use wcf\system\exception\SystemException;
use wcf\system\SingletonFactory;

/** Chooses the source by CACHE_SOURCE_TYPE, and names values by builder and parameters. */
class CacheHandler extends SingletonFactory
{
    protected $cacheSource;

    protected function init()
    {
        $class = 'wcf\system\cache\source\\' . ucfirst(CACHE_SOURCE_TYPE) . 'CacheSource';
        try {
            $this->cacheSource = class_exists($class) ? new $class() : new DiskCacheSource();
        } catch (SystemException) {
            $this->cacheSource = new DiskCacheSource();
        }
    }

    public function getCacheSource(): ICacheSource
    {
        return $this->cacheSource;
    }

    public function get(ICacheBuilder $builder, array $parameters)
    {
        return $this->cacheSource->get($this->name($builder, $parameters), $builder->getMaxLifetime());
    }

    public function set(ICacheBuilder $builder, array $parameters, array $data)
    {
        $this->cacheSource->set($this->name($builder, $parameters), $data, $builder->getMaxLifetime());
    }

    public function flush(ICacheBuilder $builder, array $parameters)
    {
        $this->cacheSource->flush($this->name($builder, $parameters), $parameters === []);
    }

    public function flushAll()
    {
        $this->cacheSource->flushAll();
    }

    public function getCacheIndex(array $parameters)
    {
        sort($parameters);

        return sha1(serialize($parameters));
    }

    private function name(ICacheBuilder $builder, array $parameters): string
    {
        $name = strtr($builder::class, '\\', '_');

        return $parameters === [] ? $name : "$name-{$this->getCacheIndex($parameters)}";
    }
}
