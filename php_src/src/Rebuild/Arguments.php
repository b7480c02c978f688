<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Rebuild;

/**
 * Where the arguments of a loader's constructor, or of a callable, come from. In this order: a placeholder of the same
 * name, converted to the declared type; the Context, by its type; the service container, by the type; the default.
 * What cannot be had is found when the loader is registered, not when the first job runs.
 */
final class Arguments
{
    /**
     * @param list<\Closure(Context): mixed> $sources
     */
    private function __construct(private readonly array $sources)
    {
    }

    /**
     * @param object|null $services a PSR-11 container: get(string $id), has(string $id)
     * @param string $what for messages: "the constructor of X"
     * @throws \LogicException a parameter that nobody can fill
     */
    public static function of(
        ?\ReflectionFunctionAbstract $function,
        Pattern $pattern,
        ?object $services,
        string $what,
    ): self {
        $sources = [];
        foreach ($function?->getParameters() ?? [] as $parameter) {
            if ($parameter->isVariadic()) {
                break;
            }
            $sources[] = self::source($parameter, $pattern, $services, $what);
        }

        return new self($sources);
    }

    /** @return list<mixed> */
    public function for(Context $context): array
    {
        $arguments = [];
        foreach ($this->sources as $source) {
            $arguments[] = $source($context);
        }

        return $arguments;
    }

    /** @return \Closure(Context): mixed */
    private static function source(
        \ReflectionParameter $parameter,
        Pattern $pattern,
        ?object $services,
        string $what,
    ): \Closure {
        $name = $parameter->getName();
        if (\in_array($name, $pattern->names, true)) {
            $types = self::types($parameter);

            return $types === [] || \in_array('string', $types, true) || \in_array('mixed', $types, true)
                ? static fn (Context $context): string => $context->parameters[$name]
                : static fn (Context $context): mixed => self::convert($context, $name, $types);
        }
        foreach (self::types($parameter) as $type) {
            if ($type === Context::class) {
                return static fn (Context $context): Context => $context;
            }
            if ($services?->has($type)) {
                return static fn (): mixed => $services->get($type);
            }
        }
        if ($parameter->isDefaultValueAvailable()) {
            $default = $parameter->getDefaultValue();

            return static fn (): mixed => $default;
        }
        throw new \LogicException(\sprintf(
            'Nothing says what $%s of %s shall be: the pattern "%s" has %s, %s',
            $name,
            $what,
            $pattern->pattern,
            $pattern->names ? 'only the placeholders {' . \implode('}, {', $pattern->names) . '}' : 'no placeholders',
            $services ? 'and the container does not know its type' : 'and the registry has no container',
        ));
    }

    /** @return list<string> */
    private static function types(\ReflectionParameter $parameter): array
    {
        $type = $parameter->getType();
        $types = $type instanceof \ReflectionUnionType ? $type->getTypes() : [$type];

        return \array_values(\array_map(
            static fn (\ReflectionNamedType $type): string => $type->getName(),
            \array_filter($types, static fn (?\ReflectionType $type): bool => $type instanceof \ReflectionNamedType),
        ));
    }

    /**
     * @param list<string> $types
     * @throws UnknownKeyException none of them
     */
    private static function convert(Context $context, string $name, array $types): mixed
    {
        $text = $context->parameters[$name];
        foreach ($types as $type) {
            $value = match (true) {
                $type === 'int' => \filter_var($text, FILTER_VALIDATE_INT, FILTER_NULL_ON_FAILURE),
                $type === 'float' => \filter_var($text, FILTER_VALIDATE_FLOAT, FILTER_NULL_ON_FAILURE),
                $type === 'bool' => ['0' => false, '1' => true, 'false' => false, 'true' => true][$text] ?? null,
                \is_subclass_of($type, \BackedEnum::class) => self::enum($type, $text),
                default => null,
            };
            if ($value !== null) {
                return $value;
            }
        }
        throw new UnknownKeyException(\sprintf(
            'In the key "%s", {%s} is "%s", which is no %s',
            $context->key,
            $name,
            $text,
            \implode(' or ', \array_diff($types, ['null'])),
        ));
    }

    /** @param class-string<\BackedEnum> $enum */
    private static function enum(string $enum, string $text): ?\BackedEnum
    {
        if ((string) (new \ReflectionEnum($enum))->getBackingType() === 'int') {
            $text = \filter_var($text, FILTER_VALIDATE_INT, FILTER_NULL_ON_FAILURE);
        }

        return $text === null ? null : $enum::tryFrom($text);
    }
}
