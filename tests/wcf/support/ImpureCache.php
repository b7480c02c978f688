<?php

declare(strict_types=1);

namespace Tests\Wcf;

use wcf\system\cache\CacheHandler;
use wcf\system\cache\eager\AbstractSharedEagerCache;

/** Its builder does what it must not. */
final class ImpureCache extends AbstractSharedEagerCache
{
    public function __construct(private readonly string $how)
    {
    }

    protected function getCacheData(): array
    {
        return match ($this->how) {
            'eager' => (new EagerNumber())->getCache(),
            'tolerant' => (new TolerantNumber())->getCache(),
            'itself' => (new self('itself'))->getCache(),
            'source' => (array) CacheHandler::getInstance()->getCacheSource()->get('wcf_Something', 0),
            'legacy' => NumberCacheBuilder::inNewRequest()->getData(),
            'pure' => [Source::build()],
            'failing' => throw new \RuntimeException('the database is gone'),
        };
    }
}
