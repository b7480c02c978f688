<?php

/*
 * Part of the bridge from WoltLab Suite Core to the PHP extension "cache".
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
declare(strict_types=1);

namespace wcf\system\cache\shared;

use SharedCache\Key;

/**
 * What a cache is: its class, and the parameters of its constructor, which are properties of the same names. That is also
 * what a job of the queue consists of, since closures cannot cross processes.
 */
final readonly class CacheIdentity
{
    /** What the keys of all eager and tolerant caches begin with. */
    public const START = 'class';
    public const PATTERN = self::START . ':{class}:{parameters}';

    /** Of the pool: "class:", the class, ":", and the parameters in JSON, both escaped. */
    public string $key;

    /**
     * @param class-string<AbstractSharedCache> $class
     * @param array<string, mixed> $parameters by name: null, bool, int, float, text in UTF-8, or arrays of those
     * @throws \InvalidArgumentException something else, which would not be the same in another process
     */
    public function __construct(public string $class, public array $parameters = [])
    {
        \array_walk_recursive($parameters, static function (mixed $value, string|int $name) use ($class): void {
            if (\is_object($value) || \is_resource($value)) {
                throw new \InvalidArgumentException(\sprintf(
                    'The parameter %s of %s is of the type %s: parameters of caches are numbers, texts, bool, null, and arrays of those',
                    $name,
                    $class,
                    \get_debug_type($value),
                ));
            }
        });
        try {
            $json = \json_encode(
                $parameters,
                \JSON_THROW_ON_ERROR | \JSON_PRESERVE_ZERO_FRACTION | \JSON_UNESCAPED_SLASHES | \JSON_UNESCAPED_UNICODE,
            );
        } catch (\JsonException $exception) {
            throw new \InvalidArgumentException("A parameter of $class cannot be used: {$exception->getMessage()}", 0, $exception);
        }
        $this->key = self::START . ':' . Key::escape($class) . ':' . Key::escape($json);
    }

    /** @throws \LogicException a parameter of the constructor is no property */
    public static function of(AbstractSharedCache $cache): self
    {
        $constructor = (new \ReflectionClass($cache))->getConstructor();
        $class = $constructor?->getDeclaringClass();
        $parameters = [];
        foreach ($constructor?->getParameters() ?? [] as $parameter) {
            $name = $parameter->getName();
            if (!$class->hasProperty($name)) {
                throw new \LogicException(
                    "{$class->getName()} keeps \$$name in no property of that name: let its constructor promote it",
                );
            }
            $parameters[$name] = $class->getProperty($name)->getValue($cache);
        }

        return new self($cache::class, $parameters);
    }

    /** @throws \DomainException the key is none, or its class is gone */
    public static function fromKey(string $key): self
    {
        $parts = Key::parts($key);
        if ($parts === null || \count($parts) !== 3 || $parts[0] !== self::START) {
            throw new \DomainException("\"$key\" is no key of an eager or tolerant cache");
        }
        if (!\is_subclass_of($parts[1], AbstractSharedCache::class)) {
            throw new \DomainException("$parts[1] is no eager or tolerant cache of the shared cache, or is gone");
        }

        return new self($parts[1], \json_decode($parts[2], true, 512, \JSON_THROW_ON_ERROR));
    }

    public function instantiate(): AbstractSharedCache
    {
        return new $this->class(...$this->parameters);
    }
}
