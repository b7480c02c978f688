<?php

declare(strict_types=1);

namespace SharedCache\Tests\Flow;

use SharedCache\Index\BucketReads;
use SharedCache\Index\BufferedCache;
use SharedCache\Index\IndexMetrics;

/** Counts multi-gets. */
final class Cache extends BufferedCache
{
    /** @var list<int> keys of each call */
    public array $reads = [];

    public function read(array $keys, bool $fill, bool $stale, IndexMetrics $metrics): BucketReads
    {
        $this->reads[] = count($keys);

        return parent::read($keys, $fill, $stale, $metrics);
    }
}
