<?php

declare(strict_types=1);

namespace Tests\Wcf;

use wcf\system\cache\builder\AbstractCacheBuilder;

/** A legacy builder. */
final class NumberCacheBuilder extends AbstractCacheBuilder
{
    protected $maxLifetime = 300;

    protected function rebuild(array $parameters)
    {
        return ['number' => Source::build(), 'parameters' => $parameters];
    }

    /** As in another request: what this object has seen is forgotten. */
    public static function inNewRequest(): self
    {
        $builder = (new \ReflectionClass(self::class))->newInstanceWithoutConstructor();
        $builder->__wakeup();

        return $builder;
    }

    public function __wakeup(): void
    {
    }
}
