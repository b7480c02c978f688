<?php
/*
 * How WoltLab Suite 6.2 uses a cache source, written anew from the description of its behaviour, on APCu: what the row wcf compares
 * with. Each class is made for one request.
 */
declare(strict_types=1);

namespace Woltlab;

/** A cache source on APCu: a value, and the time when it was set. */
final class ApcuSource
{
    public static function get(string $name, int $maxLifetime): mixed
    {
        $entry = apcu_fetch("wcf:$name");

        return $entry === false || ($maxLifetime > 0 && microtime(true) - $entry[0] > $maxLifetime) ? null : $entry[1];
    }

    public static function set(string $name, mixed $value): void
    {
        apcu_store("wcf:$name", [microtime(true), $value]);
    }

    public static function getCreationTime(string $name): ?float
    {
        return apcu_fetch("wcf:$name")[0] ?? null;
    }
}

/** A legacy builder: who finds nothing, or a value that is too old, builds it. */
final class LegacyCache
{
    public function __construct(private readonly string $name, private readonly \Closure $build, private readonly int $lifetime)
    {
    }

    public function getCache(): array
    {
        $value = ApcuSource::get($this->name, $this->lifetime);
        if ($value === null) {
            ApcuSource::set($this->name, $value = ($this->build)());
        }

        return $value;
    }
}

/** Whoever changes the source builds the value and sets it. */
final class EagerCache
{
    public function __construct(private readonly string $name, private readonly \Closure $build)
    {
    }

    public function getCache(): array
    {
        return ApcuSource::get($this->name, 0) ?? $this->rebuild();
    }

    public function rebuild(): array
    {
        ApcuSource::set($this->name, $value = ($this->build)());

        return $value;
    }
}

/**
 * Any age is served. Chance decides how long before the end of the lifetime, ten seconds in the mean, a request begins to ask
 * the queue for a job, which every request does from then on; the queue takes one. For a lifetime of a second instead of its
 * least, 300, the mean is scaled.
 */
final class TolerantCache
{
    /** How often the queue was asked in this process. */
    public static int $asked = 0;

    public function __construct(private readonly string $name, private readonly \Closure $build, private readonly int $lifetime)
    {
    }

    public function getCache(): array
    {
        $value = ApcuSource::get($this->name, 0) ?? $this->rebuild();
        $ahead = -10 * $this->lifetime / 300 * log(random_int(1, PHP_INT_MAX) / PHP_INT_MAX);
        if (microtime(true) + $ahead >= ApcuSource::getCreationTime($this->name) + $this->lifetime) {
            self::$asked++;
            apcu_add("job:$this->name", true);
        }

        return $value;
    }

    public function rebuild(): array
    {
        ApcuSource::set($this->name, $value = ($this->build)());

        return $value;
    }

    /** One look of whoever drains the queue. */
    public function work(): void
    {
        if (apcu_exists("job:$this->name")) {
            $this->rebuild();
            apcu_delete("job:$this->name");
        }
    }
}
