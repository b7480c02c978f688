<?php

declare(strict_types=1);

namespace wcf\system\background\job;

/** WoltLab's job; only that it is made is of interest here. */
final class TolerantCacheRebuildBackgroundJob
{
    public function __construct(public readonly string $cacheClass, public readonly array $parameters = [])
    {
    }
}
