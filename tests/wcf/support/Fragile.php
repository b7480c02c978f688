<?php

declare(strict_types=1);

namespace Tests\Wcf;

/** Cannot be decoded. */
final class Fragile
{
    public int $number = 1;

    public function __wakeup(): void
    {
        throw new \LogicException('decoded');
    }
}
