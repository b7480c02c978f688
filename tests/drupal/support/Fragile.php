<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache;

/** Cannot be decoded. */
final class Fragile
{
    public int $number = 1;

    public function __wakeup(): void
    {
        throw new \LogicException('decoded');
    }
}
