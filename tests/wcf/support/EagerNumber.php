<?php

declare(strict_types=1);

namespace Tests\Wcf;

use wcf\system\cache\eager\AbstractSharedEagerCache;

final class EagerNumber extends AbstractSharedEagerCache
{
    public function __construct(public readonly int $board = 1, private readonly array $flags = [])
    {
    }

    protected function getCacheData(): array
    {
        return ['board' => $this->board, 'number' => Source::build(), 'flags' => $this->flags];
    }
}
