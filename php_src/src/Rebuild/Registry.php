<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Rebuild;

/**
 * Who makes the value of which key. A job is a queue, a key and a small payload, because closures cannot cross
 * processes; the worker finds the loader here.
 *
 * Of a queue, a pattern without placeholders comes before all others; of those the one that was added first and
 * matches.
 */
final class Registry
{
    /** @var array<string, array<string, Route>> by queue and key */
    private array $exact = [];
    /** @var array<string, array<string, Route>> by queue and pattern, in the order added */
    private array $patterns = [];

    public readonly bool $strict;

    /**
     * @param object|null $services a PSR-11 container (get(), has()) for constructor parameters that the key does not
     *     give
     * @param bool|null $strict does a loader that reads the cache throw (true) or is it counted (false)? null: throws
     *     where assertions are compiled (zend.assertions=1), as in development
     * @see Guard
     */
    public function __construct(private readonly ?object $services = null, ?bool $strict = null)
    {
        if ($services && !(\method_exists($services, 'get') && \method_exists($services, 'has'))) {
            throw new \InvalidArgumentException('The service container has no get() and has(); see PSR-11');
        }
        $this->strict = $strict ?? Guard::strictByDefault();
    }

    /**
     * @param string $pattern see Pattern
     * @param string|callable $loader the name of a class that implements Loader; or a callable, whose parameters are
     *     filled as those of a constructor are; see Arguments
     * @param int|float $ttl seconds the value is fresh; 0: without limit
     * @param int|float $staleTtl seconds it is kept as stale after that; INF: without limit
     * @param list<string> $tags `{name}` stands for what stands there in the key
     * @param float $refreshAhead for Reader: seconds before the end of the ttl from which on a new value is asked for;
     *     negative: that part of the ttl
     * @param float|null $timeout seconds a job may take; null: the worker's, 0: no limit
     * @throws \LogicException the pattern is taken, the loader is none, or a parameter cannot be filled
     */
    public function add(
        string $queue,
        string $pattern,
        string|callable $loader,
        int|float $ttl = 0,
        int|float $staleTtl = INF,
        array $tags = [],
        float $refreshAhead = 0.0,
        ?float $timeout = null,
    ): self {
        if ($queue === '' || \strlen($queue) > 255) {
            throw new \InvalidArgumentException('The name of a queue has 1 to 255 bytes');
        }
        if (isset($this->exact[$queue][$pattern]) || isset($this->patterns[$queue][$pattern])) {
            throw new \LogicException("The queue \"$queue\" has a loader for \"$pattern\" already");
        }
        if (!($ttl >= 0 && $staleTtl >= 0 && ($timeout ?? 0) >= 0)) {
            throw new \InvalidArgumentException("\"$pattern\": durations must not be negative");
        }
        $compiled = new Pattern($pattern);
        foreach ($tags as $tag) {
            if (\preg_match('~\{(\w+)\}~', $tag, $match) && !\in_array($match[1], $compiled->names, true)) {
                throw new \LogicException(
                    "The tag \"$tag\" names {{$match[1]}}, which the pattern \"$pattern\" does not have",
                );
            }
        }
        $route = new Route($compiled, $this->load($loader, $compiled), $ttl, $staleTtl, $tags, $refreshAhead, $timeout);
        if ($compiled->names) {
            $this->patterns[$queue][$pattern] = $route;
        } else {
            $this->exact[$queue][$pattern] = $route;
        }

        return $this;
    }

    /** @return list<string> the queues that have a loader */
    public function queues(): array
    {
        return \array_map('strval', \array_keys($this->exact + $this->patterns));
    }

    /**
     * @return array{Route, array<string, string>} and what stands at its placeholders. O(patterns of the queue)
     * @throws UnknownKeyException
     */
    public function match(string $queue, string $key): array
    {
        if (isset($this->exact[$queue][$key])) {
            return [$this->exact[$queue][$key], []];
        }
        foreach ($this->patterns[$queue] ?? [] as $route) {
            $parameters = $route->pattern->match($key);
            if ($parameters !== null) {
                return [$route, $parameters];
            }
        }
        throw new UnknownKeyException(
            isset($this->exact[$queue]) || isset($this->patterns[$queue])
                ? "No loader of the queue \"$queue\" is registered for the key \"$key\"; add one to the registry"
                : "No loader is registered for the queue \"$queue\"; add one to the registry",
        );
    }

    /** @return \Closure(Context): mixed */
    private function load(string|callable $loader, Pattern $pattern): \Closure
    {
        if (\is_string($loader) && \class_exists($loader)) {
            return $this->loadByClass($loader, $pattern);
        }
        if (!\is_callable($loader)) {
            throw new \LogicException(
                "The loader of \"$pattern->pattern\" is neither a class that can be loaded nor callable: \"$loader\"",
            );
        }
        $function = \Closure::fromCallable($loader);
        $arguments = Arguments::of(
            new \ReflectionFunction($function),
            $pattern,
            $this->services,
            "the callable for \"$pattern->pattern\"",
        );

        return static fn (Context $context): mixed => $function(...$arguments->for($context));
    }

    /** @return \Closure(Context): mixed */
    private function loadByClass(string $class, Pattern $pattern): \Closure
    {
        $reflection = new \ReflectionClass($class);
        if (!$reflection->isInstantiable() || !$reflection->implementsInterface(Loader::class)) {
            throw new \LogicException("$class is no loader: it must be a class that implements " . Loader::class);
        }
        $constructor = $reflection->getConstructor();
        $arguments = Arguments::of($constructor, $pattern, $this->services, "the constructor of $class");

        return static fn (Context $context): mixed => (new $class(...$arguments->for($context)))->load($context);
    }
}
