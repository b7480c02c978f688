<?php

declare(strict_types=1);

namespace Tests\Wcf;

use wcf\system\cache\tolerant\AbstractSharedTolerantCache;

final class TolerantNumber extends AbstractSharedTolerantCache
{
    public function __construct(private readonly int $board = 1)
    {
    }

    public function getLifetime(): int
    {
        return 300;
    }

    protected function rebuildCacheData(): array
    {
        return ['board' => $this->board, 'number' => Source::build()];
    }
}
