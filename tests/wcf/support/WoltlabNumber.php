<?php

declare(strict_types=1);

namespace Tests\Wcf;

use wcf\system\cache\tolerant\AbstractTolerantCache;

/** A tolerant cache by WoltLab's own class. */
final class WoltlabNumber extends AbstractTolerantCache
{
    public const NAME = 'Tests_Wcf_WoltlabNumber';

    public function getLifetime(): int
    {
        return 300;
    }

    protected function rebuildCacheData(): array
    {
        return ['number' => Source::build()];
    }
}
