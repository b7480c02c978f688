<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace Drupal\Core\Cache;

/** What checksum services have in common: counts are kept for the request, and invalidations wait for the end of a transaction. */
trait CacheTagsChecksumTrait
{
    /** @var array<string, int> */
    private array $counts = [];
    /** @var array<string, string> */
    private array $waiting = [];

    public function invalidateTags(array $tags)
    {
        $this->counts = array_diff_key($this->counts, array_flip($tags));
        if (!$this->getDatabaseConnection()->inTransaction()) {
            $this->doInvalidateTags($tags);
            return;
        }
        if (!$this->waiting) {
            $this->getDatabaseConnection()->transactionManager()->addPostTransactionCallback(function (bool $committed): void {
                $tags = array_values($this->waiting);
                $this->waiting = [];
                if ($committed) {
                    $this->doInvalidateTags($tags);
                }
            });
        }
        $this->waiting += array_combine($tags, $tags);
    }

    public function getCurrentChecksum(array $tags)
    {
        if (array_intersect($tags, $this->waiting)) {
            return CacheTagsChecksumInterface::INVALID_CHECKSUM_WHILE_IN_TRANSACTION;
        }

        return $this->sum($tags);
    }

    public function isValid($checksum, array $tags)
    {
        return !$tags || (!array_intersect($tags, $this->waiting) && $checksum == $this->sum($tags));
    }

    public function reset()
    {
        $this->counts = [];
    }

    private function sum(array $tags): int
    {
        $unknown = array_values(array_diff($tags, array_keys($this->counts)));
        if ($unknown) {
            $this->counts += $this->getTagInvalidationCounts($unknown) + array_fill_keys($unknown, 0);
        }

        return array_sum(array_intersect_key($this->counts, array_flip($tags)));
    }

    abstract protected function getTagInvalidationCounts(array $tags);

    abstract protected function getDatabaseConnection();

    abstract protected function doInvalidateTags(array $tags);
}
