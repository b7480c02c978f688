<?php

declare(strict_types=1);

namespace SharedCache\Tests\Flow;

use SharedCache\Index\RowChange;
use SharedCache\Index\TopKIndex;

/** Stops within a merge where a test wants it to. */
final class StoppingIndex extends TopKIndex
{
    /** @var \Closure(?array, RowChange): void|null */
    public ?\Closure $onApply = null;

    public function apply(?array $rows, RowChange $change): ?array
    {
        $this->onApply?->__invoke($rows, $change);

        return parent::apply($rows, $change);
    }
}
