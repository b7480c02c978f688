<?php

declare(strict_types=1);

namespace SharedCache\Tests\Flow;

/** Runs something when the first copy of it that was fetched is let go: between two steps of who has fetched it. */
final class AtEnd
{
    /** @var (\Closure(): void)|null called once */
    public static ?\Closure $run = null;
    private bool $isCopy = false;

    public function __wakeup(): void
    {
        $this->isCopy = true;
    }

    public function __destruct()
    {
        if ($this->isCopy && self::$run) {
            [$run, self::$run] = [self::$run, null];
            $run();
        }
    }
}
