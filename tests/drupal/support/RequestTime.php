<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache;

use Drupal\Component\Datetime\TimeInterface;

/** The time of a request: that at which this was made, or what a test says. */
final class RequestTime implements TimeInterface
{
    public function __construct(public int $time = 0)
    {
        $this->time = $time ?: time();
    }

    public function getRequestTime()
    {
        return $this->time;
    }

    public function getRequestMicroTime()
    {
        return (float) $this->time;
    }

    public function getCurrentTime()
    {
        return time();
    }

    public function getCurrentMicroTime()
    {
        return microtime(true);
    }
}
