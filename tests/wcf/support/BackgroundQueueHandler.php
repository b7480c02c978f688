<?php

declare(strict_types=1);

namespace wcf\system\background;

/**
 * Counts what would go to the table of the background queue. Also where the real WCF is tested, whose class needs its
 * database.
 */
final class BackgroundQueueHandler
{
    public static int $enqueued = 0;
    private static ?self $instance = null;

    public static function getInstance(): self
    {
        return self::$instance ??= new self();
    }

    public function enqueueIn(array|object $jobs, int $time = 0): void
    {
        self::$enqueued += is_array($jobs) ? count($jobs) : 1;
    }

    public function forceCheck(): void
    {
    }
}
