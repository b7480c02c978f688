<?php

declare(strict_types=1);

namespace SharedCache\Tests;

/** Its objects are stored, but do not come back. */
final class Unreturning
{
    public function __serialize(): array
    {
        return [1];
    }

    public function __unserialize(array $data): void
    {
        throw new \RuntimeException('it does not come back');
    }
}
