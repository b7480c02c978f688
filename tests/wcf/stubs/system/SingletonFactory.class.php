<?php

declare(strict_types=1);

namespace wcf\system;

/** One object of each class. */
abstract class SingletonFactory
{
    private static array $objects = [];

    final protected function __construct()
    {
        $this->init();
    }

    protected function init()
    {
    }

    final public static function getInstance()
    {
        return self::$objects[static::class] ??= new static();
    }
}
