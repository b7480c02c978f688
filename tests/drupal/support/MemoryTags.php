<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache;

use Drupal\Core\Cache\CacheTagsChecksumInterface;
use Drupal\Core\Cache\CacheTagsChecksumPreloadInterface;
use Drupal\Core\Cache\CacheTagsInvalidatorInterface;

/** Counts of tags in this process. */
final class MemoryTags implements CacheTagsChecksumInterface, CacheTagsInvalidatorInterface, CacheTagsChecksumPreloadInterface
{
    /** @var array<string, int> */
    public array $counts = [];
    /** @var list<string> tags that were invalidated in a transaction that is open */
    public array $waiting = [];
    /** @var list<list<string>> */
    public array $preloads = [];
    /** @var (\Closure(): void)|null called once, within a set(), before it stores */
    public ?\Closure $within = null;

    public function invalidateTags(array $tags): void
    {
        foreach ($tags as $tag) {
            $this->counts[$tag] = ($this->counts[$tag] ?? 0) + 1;
        }
    }

    public function getCurrentChecksum(array $tags): int
    {
        if ($this->within) {
            [$within, $this->within] = [$this->within, null];
            $within();
        }

        return array_intersect($tags, $this->waiting) ? self::INVALID_CHECKSUM_WHILE_IN_TRANSACTION : $this->sum($tags);
    }

    public function isValid($checksum, array $tags): bool
    {
        return !array_intersect($tags, $this->waiting) && $checksum == $this->sum($tags);
    }

    public function reset(): void
    {
    }

    public function registerCacheTagsForPreload(array $cache_tags): void
    {
        $this->preloads[] = $cache_tags;
    }

    private function sum(array $tags): int
    {
        return array_sum(array_intersect_key($this->counts, array_flip($tags)));
    }
}
