<?php

/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

declare(strict_types=1);

namespace Drupal\shared_cache\Cache;

use Cache\UnstorableException;
use Drupal\Core\Cache\Cache;
use Drupal\Core\Cache\CacheBackendInterface;
use Drupal\Core\Cache\CacheTagsInvalidatorInterface;
use Drupal\Core\Database\Connection;
use SharedCache\Pool;

/**
 * A fast backend in front of a consistent one that all machines share, as core's ChainedFastBackend.
 *
 * The consistent backend keeps a mark for each bin: the time of the last write. What the fast one has of an earlier time is
 * outdated: it may have changed. Of that the consistent backend is asked for the version alone, if $versions can tell it, and what
 * is of the same version is renewed by its stamp; else for the data, which is written only if it differs.
 *
 * An item's stamp is the time at which the read of the consistent backend began, so it is never later than what the data shows;
 * and a mark is later than all stamps that were taken before the write was done. So a fast item whose stamp is not before the
 * mark has all writes in it. On one machine no grace period is needed for that.
 */
class ChainedSharedBackend implements CacheBackendInterface, CacheTagsInvalidatorInterface {

  /**
   * Cache IDs of marks begin so, as those of core do: seconds since the epoch.
   */
  public const LAST_WRITE_TIMESTAMP_PREFIX = 'last_write_timestamp_';

  /**
   * Microseconds for which an item may be followed by another one with the same `created`, which has milliseconds; beside the grace
   * period. It is taken before the write waits for its turn, which may take longer: on one machine written() sees to that.
   */
  private const AMBIGUOUS = 2000;

  /**
   * The fast backend, if it is ours.
   */
  private readonly ?SharedBackend $shared;

  private readonly string $markCid;

  /**
   * The grace period, in microseconds.
   */
  private readonly int $grace;

  /**
   * Microseconds since the epoch, 0: there is none; NULL: not asked for yet.
   */
  private ?int $mark = NULL;

  /**
   * Whether the end of the transaction that is open will mark the bin.
   */
  private bool $awaitsCommit = FALSE;

  /**
   * What was set in that transaction.
   *
   * @var array<array-key, true>
   */
  private array $uncommitted = [];

  /**
   * Constructs a ChainedSharedBackend.
   *
   * @param \Drupal\Core\Cache\CacheBackendInterface $consistentBackend
   *   The consistent backend.
   * @param \Drupal\Core\Cache\CacheBackendInterface|null $fastBackend
   *   The fast backend: a SharedBackend, or another one, which is then used as core's chain does. NULL: this process has none, but
   *   its writes outdate those of others.
   * @param string $bin
   *   The cache bin.
   * @param \Drupal\shared_cache\Cache\RowVersionsInterface|null $versions
   *   The versions of the consistent backend's items, if they can be had without the data.
   * @param float $grace
   *   Seconds by which the clocks of machines may differ. For so long after a write no item is renewed or stored in the fast
   *   backend, and of items in it the version is asked for at each read. 0: one machine.
   * @param \Drupal\Core\Database\Connection|null $connection
   *   The database of the consistent backend, if it is one: what is written in a transaction is marked again when it has ended.
   * @param bool $oneMachine
   *   Whether all processes that write to the bin have the segment of this one. The mark is kept there alone then: a request whose items
   *   are there asks the consistent backend for nothing. A write of a process that has not got it is not seen by the others, and
   *   raises a warning.
   */
  public function __construct(
    private readonly CacheBackendInterface $consistentBackend,
    private readonly ?CacheBackendInterface $fastBackend,
    string $bin,
    private readonly ?RowVersionsInterface $versions = NULL,
    float $grace = 0.0,
    private readonly ?Connection $connection = NULL,
    private readonly bool $oneMachine = FALSE,
  ) {
    $this->shared = $fastBackend instanceof SharedBackend ? $fastBackend : NULL;
    $this->markCid = self::LAST_WRITE_TIMESTAMP_PREFIX . 'cache_' . $bin;
    $this->grace = (int) round($grace * 1e6);
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
    $allow_invalid = (bool) $allow_invalid;
    $wasMarked = $this->lastMark() !== 0;
    if (!$wasMarked) {
      $this->markAsOutdated(written: FALSE);
    }
    $mark = $this->lastMark();
    // Before anything is read.
    $began = Pool::now();
    // Within a transaction this process may see what others do not, or not any more.
    $storable = $began >= $mark && !$this->inTransaction();
    if ($wasMarked && ($this->shared || $began >= $mark)) {
      $items = $this->shared
        ? $this->getShared($cids, $allow_invalid, $mark, $storable ? $began : NULL)
        : $this->getFast($cids, $allow_invalid, $mark);
      $cids = count($items) === count($cids) ? [] : SharedBackend::without($cids, $items);
    }
    else {
      $items = [];
    }
    if ($cids) {
      foreach ($this->consistentBackend->getMultiple($cids, $allow_invalid) as $item) {
        $items[$item->cid] = $item;
        // Core's chain fills another fast backend also when it has just made the mark.
        if (($storable || (!$wasMarked && !$this->shared)) && (!$allow_invalid || $item->valid)) {
          $this->store($item, $began);
        }
      }
      $cids = SharedBackend::without($cids, $items);
    }
    return $items;
  }

  /**
   * {@inheritdoc}
   */
  public function set($cid, $data, $expire = Cache::PERMANENT, array $tags = []) {
    $known = $this->versions?->rows([$cid]) ?: $this->consistentBackend->get($cid);
    $this->drop([$cid]);
    $this->consistentBackend->set($cid, $data, $expire, $tags);
    $this->written([$cid], (bool) $known);
  }

  /**
   * {@inheritdoc}
   */
  public function setMultiple(array $items) {
    $cids = $wanted = array_keys($items);
    $known = $this->versions?->rows($wanted) ?: $this->consistentBackend->getMultiple($wanted);
    $this->drop($cids);
    $this->consistentBackend->setMultiple($items);
    $this->written($cids, (bool) $known);
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
    $this->drop($cids);
    $this->consistentBackend->deleteMultiple($cids);
    $this->markAsOutdated();
  }

  /**
   * {@inheritdoc}
   */
  public function deleteAll() {
    $this->shared?->deleteAll();
    $this->consistentBackend->deleteAll();
    // The mark was one of the items.
    $this->markAsOutdated(TRUE);
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
    $this->drop($cids);
    $this->consistentBackend->invalidateMultiple($cids);
    $this->markAsOutdated();
  }

  /**
   * {@inheritdoc}
   */
  public function invalidateTags(array $tags) {
    foreach ([$this->consistentBackend, $this->fastBackend] as $backend) {
      if ($backend instanceof CacheTagsInvalidatorInterface) {
        $backend->invalidateTags($tags);
      }
    }
  }

  /**
   * Marks all items of the bin as invalid.
   */
  public function invalidateAll() {
    $this->shared?->deleteAll();
    $this->consistentBackend->invalidateAll();
    $this->markAsOutdated(TRUE);
  }

  /**
   * {@inheritdoc}
   */
  public function garbageCollection() {
    $this->consistentBackend->garbageCollection();
    $this->fastBackend?->garbageCollection();
  }

  /**
   * {@inheritdoc}
   */
  public function removeBin() {
    $this->consistentBackend->removeBin();
    $this->fastBackend?->removeBin();
  }

  /**
   * Forgets the mark, which is else asked for once: for processes that live longer than a request.
   */
  public function reset(): void {
    $this->mark = NULL;
  }

  /**
   * Items of a fast backend that is ours: those that are not outdated, and those that turn out not to have changed.
   *
   * @param int|null $stamp
   *   The new one of the latter; NULL: none.
   *
   * @return array<array-key, object>
   *   By cache ID.
   */
  private function getShared(array $cids, bool $allow_invalid, int $mark, ?int $stamp): array {
    try {
      $outdated = [];
      $items = $this->shared->fetch($cids, $allow_invalid, $mark, $outdated);
      $versioned = $this->versions ? array_filter($outdated, $this->shared->hasAnyVersion(...)) : [];
      $same = $versioned ? $this->unchanged($versioned, $stamp) : [];
      return $same ? $items + $this->shared->fetch(array_keys($same), $allow_invalid, $mark, $changed, $same) : $items;
    }
    catch (\Throwable) {
      // A class of it is another one by now. The consistent backend's copy is what counts, and its exceptions.
      return [];
    }
  }

  /**
   * Outdated entries that have the version of the consistent backend.
   *
   * @param array<array-key, array> $outdated
   *   Entries by cache ID.
   * @param int|null $stamp
   *   Their new stamp; NULL: they keep theirs.
   *
   * @return array<array-key, int>
   *   Their tokens, by cache ID.
   */
  private function unchanged(array $outdated, ?int $stamp): array {
    $same = [];
    foreach ($this->versions->rows(array_keys($outdated)) as $cid => $row) {
      $entry = $outdated[$cid];
      // The stamp is when it was last seen to be the same; if that is too near to the write, another one may have followed. It is
      // negative when the entry was invalidated.
      $unambiguous = $entry['stamp'] > self::microseconds($row->created) + self::AMBIGUOUS + $this->grace;
      if ($unambiguous && $this->shared->hasVersion($entry, self::version($row))) {
        // If that fails somebody else was faster; while it has this token it is of this version.
        $stamp === NULL || $this->shared->touch((string) $cid, $entry, $stamp);
        $same[$cid] = $entry['token'];
      }
    }
    return $same;
  }

  /**
   * Items of another fast backend that are not outdated.
   *
   * @return array<array-key, object>
   *   By cache ID.
   */
  private function getFast(array $cids, bool $allow_invalid, int $mark): array {
    if (!$this->fastBackend) {
      return [];
    }
    try {
      $found = $this->fastBackend->getMultiple($cids, $allow_invalid);
    }
    catch (\Throwable) {
      return [];
    }
    $items = [];
    foreach ($found as $item) {
      // Rounded to milliseconds, up or down.
      if (self::microseconds($item->created) - 1000 >= $mark) {
        $items[$item->cid] = $item;
      }
    }
    return $items;
  }

  private function store(object $item, int $began): void {
    if (!$this->shared) {
      $this->fastBackend?->set($item->cid, $item->data, $item->expire, $item->tags);
      return;
    }
    try {
      $this->shared->store(
        (string) $item->cid,
        $item->data,
        (int) $item->expire,
        $item->tags,
        $began,
        $this->versions && isset($item->created, $item->checksum) ? self::version($item) : NULL,
      );
    }
    catch (UnstorableException) {
      // It stays in the consistent backend alone.
    }
  }

  private static function version(object $row): string {
    return "$row->created $row->expire $row->checksum";
  }

  private static function microseconds(mixed $seconds): int {
    return (int) round((float) $seconds * 1e6);
  }

  /**
   * Removes this machine's copies before a write, so that they do not outlive a process that dies between it and the mark.
   */
  private function drop(array $cids): void {
    $this->shared?->deleteMultiple($cids);
  }

  /**
   * After a write.
   *
   * On this machine nobody takes what was read before it for current any more, whatever its version is. Elsewhere all that was there
   * is outdated; an item that was not there is in no fast backend.
   */
  private function written(array $cids, bool $known): void {
    if ($this->shared) {
      foreach ($cids as $cid) {
        $this->shared->supersede((string) $cid);
      }
    }
    if ($this->inTransaction()) {
      $this->uncommitted += array_fill_keys($cids, TRUE);
    }
    if ($known || $this->inTransaction()) {
      $this->markAsOutdated();
    }
  }

  private function lastMark(): int {
    if ($this->mark === NULL && $this->oneMachine) {
      $this->mark = $this->shared ? $this->shared->mark() : 0;
    }
    elseif ($this->mark === NULL) {
      $item = $this->consistentBackend->get($this->markCid);
      $this->mark = $item ? max(self::microseconds($item->data), $this->shared ? $this->shared->mark() : 0) : 0;
    }
    return $this->mark;
  }

  /**
   * Marks the bin: what was read before now may have changed.
   *
   * @param bool $always
   *   Also if the mark is in the future still, and so covers this write.
   * @param bool $written
   *   FALSE: there is no mark yet, and something is to be read.
   */
  private function markAsOutdated(bool $always = FALSE, bool $written = TRUE): void {
    if ($this->inTransaction() && !$this->awaitsCommit) {
      // Until then others read what was there before.
      $this->awaitsCommit = TRUE;
      $this->connection->transactionManager()->addPostTransactionCallback(function (): void {
        $this->awaitsCommit = FALSE;
        $cids = array_keys($this->uncommitted);
        $this->uncommitted = [];
        $this->written($cids, FALSE);
        $this->markAsOutdated(TRUE);
      });
    }
    $now = Pool::now();
    if (!$always && $now < $this->lastMark()) {
      return;
    }
    $mark = max($now + 1 + $this->grace, $this->mark ?? 0);
    // Of two that mark at the same time the one with the earlier time may come last to the consistent backend.
    $raised = $this->shared?->raiseMark($mark);
    $this->mark = $raised ?? $mark;
    if (!$this->oneMachine) {
      $this->consistentBackend->set($this->markCid, $this->mark / 1e6);
    }
    elseif ($raised === NULL && $written) {
      trigger_error("The site is said to have one machine, but this process does not have its cache: others go on with what they have of $this->markCid", E_USER_WARNING);
    }
  }

  private function inTransaction(): bool {
    return $this->connection?->inTransaction() ?? FALSE;
  }

}
