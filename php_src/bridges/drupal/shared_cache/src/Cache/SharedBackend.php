<?php

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

declare(strict_types=1);

namespace Drupal\shared_cache\Cache;

use Drupal\Component\Datetime\TimeInterface;
use Drupal\Core\Cache\Cache;
use Drupal\Core\Cache\CacheBackendInterface;
use Drupal\Core\Cache\CacheTagsChecksumInterface;
use Drupal\Core\Cache\CacheTagsChecksumPreloadInterface;
use SharedCache\Change;
use SharedCache\Key;
use SharedCache\Pool;

// So that PHP need not look for them in this namespace first.
use const CACHE_STATE_STALE;
use function count;
use function intdiv;
use function strlen;

/**
 * A cache bin in shared memory: all processes of one machine see the same items.
 *
 * An entry's value is list(data, expire, checksum, tags); its stamp is the time of which the data is known to be right. Storing
 * what is there already only moves the stamp: nothing is written, no reader is held up. A stamp never moves backwards, and data
 * that was read from its source earlier never replaces data that was read later.
 *
 * Entries have no end of their own: Drupal's expiry, which lets invalid items be asked for, is part of the value. The bin is one
 * tag of the extension, so that emptying it takes the same time whatever is in the cache.
 */
class SharedBackend implements CacheBackendInterface {

  /**
   * Bytes of a cache ID that stands in a key as it is; longer ones end in a hash.
   */
  private const MAX_CID = 255;

  /**
   * For how many items it is remembered when they were read, with $fills.
   */
  private const MAX_READS = 1000;

  /**
   * What of an entry makes an item.
   */
  private const FIELDS = ['value', 'stamp', 'token', 'state'];

  /**
   * The key of the bin's mark; cache IDs do not begin with a NUL.
   */
  private const MARK = "\0mark";

  private readonly Pool $pool;

  /**
   * When items were asked for that were not set since, in microseconds, by cache ID; with $fills only.
   *
   * @var array<array-key, int>
   */
  private array $reads = [];

  /**
   * Constructs a SharedBackend.
   *
   * @param string $bin
   *   The cache bin.
   * @param string $site_prefix
   *   What tells the items of this site and this version of its code from others.
   * @param \Drupal\Core\Cache\CacheTagsChecksumInterface $checksumProvider
   *   The cache tags checksum provider.
   * @param \Drupal\Component\Datetime\TimeInterface $time
   *   The time service.
   * @param bool $fills
   *   Whether set() is only called with what was read from a slower backend after get() had found nothing: so core's
   *   ChainedFastBackend does. Data then counts as of the time of that get(), and a process that was held up in between does not
   *   overwrite what others have read later. FALSE: data counts as of the set().
   *
   * @throws \SharedCache\ExtensionMissingException
   */
  public function __construct(
    string $bin,
    string $site_prefix,
    private readonly CacheTagsChecksumInterface $checksumProvider,
    private readonly TimeInterface $time,
    private readonly bool $fills = FALSE,
  ) {
    // Drupal's prefixes have 120 bytes and more, and every key begins with it.
    $site = substr(rtrim(strtr(base64_encode(hash('sha256', $site_prefix, TRUE)), '+/', '-_'), '='), 0, 22);
    $this->pool = new Pool("drupal.$site.$bin", staleTtl: INF);
  }

  /**
   * {@inheritdoc}
   */
  public function get($cid, $allow_invalid = FALSE) {
    $cids = [$cid];
    $items = $this->getMultiple($cids, $allow_invalid);
    return reset($items);
  }

  /**
   * {@inheritdoc}
   */
  public function getMultiple(&$cids, $allow_invalid = FALSE) {
    if ($this->fills) {
      $this->reads = array_fill_keys($cids, Pool::now()) + $this->reads;
      if (count($this->reads) > self::MAX_READS) {
        $this->reads = array_slice($this->reads, 0, self::MAX_READS, TRUE);
      }
    }
    $items = $this->fetch($cids, (bool) $allow_invalid);
    $cids = count($items) === count($cids) ? [] : self::without($cids, $items);
    return $items;
  }

  /**
   * {@inheritdoc}
   */
  public function set($cid, $data, $expire = Cache::PERMANENT, array $tags = []) {
    // When it began: of two that overlap the one that began later wins.
    $this->store((string) $cid, $data, (int) $expire, $tags, $this->reads[$cid] ?? Pool::now());
    unset($this->reads[$cid]);
  }

  /**
   * {@inheritdoc}
   */
  public function setMultiple(array $items) {
    foreach ($items as $cid => $item) {
      $this->set($cid, $item['data'], $item['expire'] ?? Cache::PERMANENT, $item['tags'] ?? []);
    }
  }

  /**
   * {@inheritdoc}
   */
  public function delete($cid) {
    $this->deleteMultiple([$cid]);
  }

  /**
   * {@inheritdoc}
   */
  public function deleteMultiple(array $cids) {
    $this->forgetReads($cids);
    $this->pool->deleteMulti(array_map(self::key(...), $cids));
  }

  /**
   * {@inheritdoc}
   */
  public function deleteAll() {
    $this->reads = [];
    $this->pool->clear();
  }

  /**
   * {@inheritdoc}
   */
  public function invalidate($cid) {
    $this->invalidateMultiple([$cid]);
  }

  /**
   * {@inheritdoc}
   */
  public function invalidateMultiple(array $cids) {
    $this->forgetReads($cids);
    $this->pool->markStaleMulti(array_map(self::key(...), $cids));
  }

  /**
   * Marks all items of the bin as invalid; in time of O(1).
   */
  public function invalidateAll() {
    $this->reads = [];
    $this->pool->markAllStale();
  }

  /**
   * Does nothing: what has expired is the first to go when room is needed, and no walk over the cache is.
   */
  public function garbageCollection() {
  }

  /**
   * {@inheritdoc}
   */
  public function removeBin() {
    $this->deleteAll();
  }

  /**
   * Stores an item as of a time.
   *
   * @param string $cid
   *   The cache ID.
   * @param mixed $data
   *   The data.
   * @param int $expire
   *   Seconds since the epoch, or Cache::PERMANENT.
   * @param string[] $tags
   *   Cache tags.
   * @param int $stamp
   *   Microseconds since the epoch: when the read of the source began.
   * @param string|null $version
   *   What tells this state of the item in its source from all others, for hasVersion().
   *
   * @return \SharedCache\Change|null
   *   NULL: a transaction is open in which one of the tags was invalidated, so nothing was stored.
   *
   * @throws \Cache\UnstorableException
   *   The data has something in it that cannot be serialized.
   *
   * @internal
   */
  public function store(string $cid, mixed $data, int $expire, array $tags, int $stamp, ?string $version = NULL): ?Change {
    assert(self::areStrings($tags), 'Cache tags must be strings.');
    if (count($tags) > 1) {
      $tags = array_values(array_unique($tags));
      sort($tags);
    }
    $checksum = $tags ? $this->checksumProvider->getCurrentChecksum($tags) : 0;
    if ($checksum === CacheTagsChecksumInterface::INVALID_CHECKSUM_WHILE_IN_TRANSACTION) {
      return NULL;
    }
    $value = [$data, $expire, $checksum, array_values($tags)];
    return $this->pool->storeIfChanged(self::key($cid), $value, tags: $version === NULL ? [] : [$version], stamp: $stamp);
  }

  /**
   * Reads items in one call of the extension.
   *
   * @param array $cids
   *   Cache IDs.
   * @param bool $allow_invalid
   *   Whether expired and invalidated items are wanted, too.
   * @param int $min_stamp
   *   Microseconds since the epoch: entries that are older are not decoded, and come as $outdated.
   * @param array<array-key, array{stamp: int, token: int, tags: list<string>}>|null $outdated
   *   Out: those entries, by cache ID.
   * @param array<array-key, int> $known
   *   Tokens by cache ID: entries that have this one are taken however old they are.
   *
   * @return array<array-key, object>
   *   The items, by cache ID.
   *
   * @internal
   */
  public function fetch(array $cids, bool $allow_invalid, int $min_stamp = 0, ?array &$outdated = NULL, array $known = []): array {
    // Most cache IDs are keys as they are.
    $long = [];
    foreach ($cids as $index => $cid) {
      if (strlen((string) $cid) > self::MAX_CID) {
        $cids[$index] = self::key($cid);
        $long[$cids[$index]] = $cid;
      }
    }
    $now = $this->time->getRequestTime();
    $items = $tagged = $old = [];
    foreach ($this->pool->rawEntries($cids, $known ? 0 : $min_stamp, self::FIELDS) as $key => $entry) {
      $cid = $long[$key] ?? $key;
      $stamp = $entry['stamp'] < 0 ? -$entry['stamp'] : $entry['stamp'];
      if ($stamp < $min_stamp && $entry['token'] !== ($known[$cid] ?? 0)) {
        $old[] = $key;
        continue;
      }
      if ($entry['value'] === NULL) {
        // See supersede().
        continue;
      }
      [$data, $expire, $checksum, $tags] = $entry['value'];
      $valid = ($expire === Cache::PERMANENT || $expire >= $now) && $entry['state'] !== CACHE_STATE_STALE;
      if (!$valid && !$allow_invalid) {
        continue;
      }
      $items[$cid] = (object) [
        'cid' => (string) $cid,
        'data' => $data,
        // Of two integers, which is what round() to three digits gives, in a fifth of its time.
        'created' => intdiv($stamp + 500, 1000) / 1e3,
        'expire' => $expire,
        'tags' => $tags,
        'checksum' => $checksum,
        'valid' => $valid,
      ];
      if ($tags) {
        $tagged[$cid] = $tags;
      }
    }
    if ($old) {
      // Their tags, too: which only they need.
      foreach ($this->pool->rawEntries($old, 0, ['stamp', 'token', 'tags']) as $key => $entry) {
        $outdated[$long[$key] ?? $key] = $entry;
      }
    }
    return $tagged ? $this->checked($items, $tagged, $allow_invalid) : $items;
  }

  /**
   * Renews an entry, by its stamp alone, unless it has changed since it was read.
   *
   * @param string $cid
   *   The cache ID.
   * @param array{stamp: int, token: int} $entry
   *   What fetch() gave as outdated.
   * @param int $stamp
   *   The new one.
   *
   * @internal
   */
  public function touch(string $cid, array $entry, int $stamp): bool {
    return $this->pool->touch(self::key($cid), $entry['stamp'], $stamp, $entry['token']);
  }

  /**
   * Whether an entry was stored with a version.
   *
   * @param array{tags: list<string>} $entry
   *   What fetch() gave as outdated.
   *
   * @internal
   */
  public function hasAnyVersion(array $entry): bool {
    // Beside the tag that is the bin.
    return count($entry['tags']) > 1;
  }

  /**
   * Whether an entry was stored with this version.
   *
   * @param array{tags: list<string>} $entry
   *   What fetch() gave as outdated.
   *
   * @internal
   */
  public function hasVersion(array $entry, string $version): bool {
    return in_array($this->pool->fullTag($version), $entry['tags'], TRUE);
  }

  /**
   * Puts something in the place of an item that is newer than all that was read from its source up to now, and is no item.
   *
   * @internal
   */
  public function supersede(string $cid): void {
    $this->pool->set(self::key($cid), NULL);
  }

  /**
   * Raises the mark of the bin, which all processes of this machine share.
   *
   * @return int|null
   *   The mark: what was given, or a later one. NULL: the cache is not to be had.
   *
   * @internal
   */
  public function raiseMark(int $mark): ?int {
    $highest = $mark;
    $kept = FALSE;
    $raised = $this->pool->merge(self::MARK, static function (mixed $old) use ($mark, &$highest, &$kept): int|string {
      $highest = max($mark, (int) $old);
      $kept = $highest === $old;
      return $kept ? Pool::KEEP : $highest;
    });
    return $raised || $kept ? $highest : NULL;
  }

  /**
   * The mark of the bin; 0: there is none.
   *
   * @internal
   */
  public function mark(): int {
    return (int) $this->pool->get(self::MARK, 0);
  }

  /**
   * Those cache IDs for which there is no item, with their keys.
   *
   * @internal
   */
  public static function without(array $cids, array $items): array {
    return $items ? array_filter($cids, static fn ($cid): bool => !isset($items[$cid])) : $cids;
  }

  private static function key(string|int $cid): string {
    $cid = (string) $cid;
    return strlen($cid) <= self::MAX_CID ? $cid : Key::fit($cid, self::MAX_CID);
  }

  private static function areStrings(array $tags): bool {
    return array_filter($tags, is_string(...)) === $tags;
  }

  /**
   * What this process writes itself is not older than what it has read before.
   */
  private function forgetReads(array $cids): void {
    if ($this->reads) {
      $this->reads = array_diff_key($this->reads, array_flip($cids));
    }
  }

  /**
   * Those items of which no tag was invalidated, or all, with what is known of that.
   *
   * @param array<array-key, object> $items
   *   By cache ID.
   * @param array<array-key, list<string>> $tagged
   *   The tags of those that have some.
   * @param bool $allow_invalid
   *   See fetch().
   *
   * @return array<array-key, object>
   *   By cache ID.
   */
  private function checked(array $items, array $tagged, bool $allow_invalid): array {
    if ($this->checksumProvider instanceof CacheTagsChecksumPreloadInterface) {
      $this->checksumProvider->registerCacheTagsForPreload(array_merge(...array_values($tagged)));
    }
    foreach ($tagged as $cid => $tags) {
      $item = $items[$cid];
      $item->valid = $item->valid && $this->checksumProvider->isValid($item->checksum, $tags);
      if (!$allow_invalid && !$item->valid) {
        unset($items[$cid]);
      }
    }
    return $items;
  }

}
