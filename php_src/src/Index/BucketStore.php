<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

use SharedCache\Lease;
use SharedCache\Pool;

/**
 * The buckets in the cache, and what keeps old rows out of them:
 *
 * - A transaction marks the buckets it changes before the storage commits, and merges its change after it. A marked bucket is
 *   dirty: nobody takes it for the truth, and nobody fills it.
 * - A fill begins with a lease at the miss; the mark of a transaction voids it.
 * - So whoever dies between leaves a dirty bucket, never a clean one with old rows. It is deleted when its writer is found dead.
 */
final readonly class BucketStore
{
    /**
     * @param float $grace seconds from its mark on for which the commit of a writer that died may still be on the way to the
     *     database
     * @param float $leaseTtl seconds that a fill may take
     */
    public function __construct(
        public Pool $pool,
        private float $grace = 10,
        private float $leaseTtl = 30,
    ) {
    }

    /**
     * One multi-get, and another one of what is missing.
     *
     * @param list<string> $keys
     * @param bool $fill does the caller put into the buckets what is missing?
     * @param bool $stale are rows good that lack what is being committed?
     */
    public function read(array $keys, bool $fill, bool $stale, IndexMetrics $metrics): BucketReads
    {
        $reads = new BucketReads();
        $reads->rows = $this->pool->getMulti($keys);
        $missing = [];
        foreach ($keys as $key) {
            $value = $reads->rows[$key] ?? null;
            if ($value === null) {
                $missing[] = $key;
            } elseif (!\is_array($value) || isset($value['dirty'])) {
                unset($reads->rows[$key]);
                $reads->others[$key] = $this->dirty($key, Bucket::of($value), $fill, $stale, $metrics);
            }
        }
        foreach ($missing ? $this->pool->fetchMulti($missing, $fill ? $this->leaseTtl : 0) : [] as $key => $lookup) {
            $key = (string) $key;
            $bucket = $lookup->isFound() ? Bucket::of($lookup->value) : Bucket::absent();
            if (!$lookup->isFound()) {
                $reads->others[$key] = new BucketRead(null, $lookup->lease);
            } elseif (!$bucket->isClean()) {
                $lookup->lease?->release(); // It is stale, too; but its marks must not be overwritten.
                $reads->others[$key] = $this->dirty($key, $bucket, $fill, $stale, $metrics);
            } elseif ($lookup->isFresh()) {
                $reads->rows[$key] = $bucket->rows;
            } else {
                $rows = $lookup->pending && $fill ? $bucket->rows : null;
                $reads->others[$key] = new BucketRead($rows, $lookup->lease, stale: true);
            }
        }

        return $reads;
    }

    private function dirty(string $key, Bucket $bucket, bool $fill, bool $stale, IndexMetrics $metrics): BucketRead
    {
        $lease = $fill ? $this->takeOver($key, $bucket, $metrics) : null;
        $rows = $stale && !$lease ? $bucket->rows : null;

        return new BucketRead($rows, $lease, dirty: true, stale: $rows !== null);
    }

    /**
     * @param list<array<string, int|float|string|null>> $rows read from the storage after the lease was granted
     * @return bool false: they are not in the cache, since something else happened to the bucket meanwhile, or there is no room
     */
    public function fill(Lease $lease, array $rows, IndexMetrics $metrics): bool
    {
        $there = $this->pool->stamp($lease->key) !== null;
        if (!$lease->commit($rows)) {
            $metrics->count('lost');

            return false;
        }
        $metrics->count('fills');
        $metrics->count('created', $there ? 0 : 1);

        return true;
    }

    /** Before the storage commits. @return bool false: no room; nothing is under the key now */
    public function mark(string $key, Writer $writer, BucketChanges $changes): bool
    {
        $created = false;
        $dead = [];
        $marked = $this->pool->merge($key, function (mixed $value, bool $found) use ($writer, $changes, &$created, &$dead): array {
            $created = !$found;
            $bucket = $found ? Bucket::of($value) : Bucket::absent();
            $dead = $this->dead($bucket);
            $bucket = $bucket->isVoid() ? Bucket::absent() : $bucket->without($dead);

            return $bucket->marked($writer, $changes)->value();
        }, 0, \INF); // A mark outlives an invalidation.
        $metrics = $changes->rules->metrics();
        if (!$marked) {
            $this->drop([$key], $metrics);
        } else {
            $metrics->count('created', (int) $created);
            $metrics->count('abandoned', \count($dead));
        }

        return $marked;
    }

    /** After the storage has committed. @return bool false: no room; nothing of use is under the key now */
    public function settle(string $key, Writer $writer, BucketChanges $changes): bool
    {
        $metrics = $changes->rules->metrics();
        $metrics->count('writes');
        $settled = $this->change($key, static fn (Bucket $bucket): Bucket => $bucket->settled($writer, $changes), $metrics);
        if (!$settled) {
            $this->drop([$key], $metrics);
        }

        return $settled;
    }

    /** A change without a transaction, of which the storage knows already. @return bool see settle() */
    public function apply(string $key, BucketChanges $changes): bool
    {
        $metrics = $changes->rules->metrics();
        $metrics->count('writes');
        $result = null;
        $found = false;
        $inPlace = $changes->rules->updatesInPlace();
        $done = $this->pool->merge($key, static function (mixed $value, bool $there) use ($changes, $inPlace, &$result, &$found): mixed {
            $found = $there;
            if ($there && $inPlace && \is_array($value) && !isset($value['dirty'])) {
                $rows = $changes->apply($value); // the frequent case
                if ($rows !== null) {
                    $result = null;

                    return $rows === $value ? Pool::KEEP : $rows;
                }
            }
            $bucket = $there ? Bucket::of($value) : Bucket::absent();
            $result = ($bucket->isVoid() ? Bucket::absent() : $bucket)->changed($changes);

            return $there || !$result->isVoid() ? $result->value() : Pool::KEEP; // which ends a fill that is under way
        });
        if (!$done) {
            $this->drop([$key], $metrics);
        } elseif ($result?->isVoid()) {
            $found ? $this->deleteVoid($key, $metrics) : $this->pool->delete($key);
        } elseif (!$found) {
            $metrics->count('created');
        }

        return $done;
    }

    /** After the storage has rolled back what was marked. */
    public function retract(string $key, Writer $writer, BucketChanges $changes): void
    {
        $metrics = $changes->rules->metrics();
        $retract = static fn (Bucket $bucket): Bucket => isset($bucket->writers[$writer->id])
            ? $bucket->retracted($writer, $changes)
            : $bucket;
        if (!$this->change($key, $retract, $metrics)) {
            $this->drop([$key], $metrics);
        }
    }

    /** @param list<string> $keys */
    public function drop(array $keys, IndexMetrics $metrics): void
    {
        $metrics->count('removed', \count($keys) - \count($this->pool->deleteMulti($keys)));
    }

    /**
     * Changes a bucket that is there; deletes it if it is of no use then. A fill that is under way is void after it.
     *
     * @param callable(Bucket): Bucket $change
     */
    private function change(string $key, callable $change, IndexMetrics $metrics): bool
    {
        $result = null;
        $merged = $this->pool->merge($key, static function (mixed $value, bool $found) use ($change, &$result): mixed {
            $result = $found ? $change(Bucket::of($value)) : null;

            return $result ? $result->value() : Pool::KEEP;
        });
        if ($merged && $result?->isVoid()) {
            $this->deleteVoid($key, $metrics);
        } elseif ($merged && !$result) {
            $this->pool->delete($key); // It is missing, or stale: of no use to whoever marked it.
        }

        return $merged;
    }

    /** Deletes a bucket of which all writers are dead, unless somebody has marked it meanwhile. */
    private function deleteVoid(string $key, IndexMetrics $metrics): bool
    {
        // Also one that is stale, which gets() does not see.
        $entry = $this->pool->entries([$key])[$key] ?? null;
        $bucket = $entry ? Bucket::of($entry->value) : null;
        if (
            !$bucket || $bucket->isClean() || \count($this->dead($bucket)) < \count($bucket->writers)
            || !$this->pool->casDelete($key, $entry->token)
        ) {
            return false;
        }
        $metrics->count('removed');
        $metrics->count('abandoned', \count($bucket->writers));

        return true;
    }

    /** The right to fill a dirty bucket of which all writers are dead. */
    private function takeOver(string $key, Bucket $bucket, IndexMetrics $metrics): ?Lease
    {
        $dead = $this->dead($bucket);
        if (\count($dead) < \count($bucket->writers)) {
            if ($dead) {
                $this->bury($key, $metrics);
            }

            return null;
        }
        if (!$this->deleteVoid($key, $metrics)) {
            return null;
        }
        $lease = $this->pool->lease($key, $this->leaseTtl);

        // Whoever marks the bucket from now on voids the lease; but was it marked before?
        return $lease && $this->pool->stamp($key) === null ? $lease : null;
    }

    /** Removes the marks of the dead, so that the bucket becomes of use when those who live are done. */
    private function bury(string $key, IndexMetrics $metrics): void
    {
        $dead = [];
        $buried = $this->pool->merge($key, function (mixed $value, bool $found) use (&$dead): mixed {
            $bucket = $found ? Bucket::of($value) : null;
            $dead = $bucket ? $this->dead($bucket) : [];

            return $dead ? $bucket->without($dead)->value() : Pool::KEEP;
        }, 0, \INF);
        $metrics->count('abandoned', $buried ? \count($dead) : 0);
    }

    /** @return list<string> the writers that are dead */
    private function dead(Bucket $bucket): array
    {
        $dead = [];
        foreach ($bucket->writers as $id => $mark) {
            if (Writer::isDead($this->pool, (string) $id, $mark, $this->grace)) {
                $dead[] = (string) $id;
            }
        }

        return $dead;
    }
}
