<?php

declare(strict_types=1);

namespace wcf\system\cache\builder;

use wcf\system\cache\CacheHandler;
use wcf\system\SingletonFactory;

/** A legacy builder: asks the handler, builds what it does not get, and hands it to the handler. */
abstract class AbstractCacheBuilder extends SingletonFactory implements ICacheBuilder
{
    protected $maxLifetime = 0;
    private array $seen = [];

    abstract protected function rebuild(array $parameters);

    public function getData(array $parameters = [], $arrayIndex = '')
    {
        $handler = CacheHandler::getInstance();
        $index = $handler->getCacheIndex($parameters);
        $data = $this->seen[$index] ?? $handler->get($this, $parameters);
        if ($data === null) {
            $data = $this->rebuild($parameters);
            $handler->set($this, $parameters, $data);
        }
        $this->seen[$index] = $data;

        return $arrayIndex === '' ? $data : $data[$arrayIndex];
    }

    public function getMaxLifetime()
    {
        return $this->maxLifetime;
    }

    public function reset(array $parameters = [])
    {
        CacheHandler::getInstance()->flush($this, $parameters);
    }
}
