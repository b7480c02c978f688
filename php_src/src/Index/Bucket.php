<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Index;

/**
 * What the cache holds under the key of a query: a list of rows; or, while transactions that change it are being committed, a
 * dirty bucket:
 *
 *     ['dirty' => [writer => [since, locked, rows]], 'rows' => list of rows or null, 'unknown' => bool]
 *
 * `rows` are those of before the writers that are still there. A bucket is clean again when the last one of them is done, unless
 * the rows are not known by then: then it is to be deleted. `unknown`: they cannot become known before that.
 */
final readonly class Bucket
{
    /**
     * @param list<array<string, int|float|string|null>>|null $rows null: not known
     * @param array<string, array{int, bool, list<string>}> $writers by id: microseconds since the epoch of the mark, whether the
     *     writer holds a lock, which rows it changes
     */
    private function __construct(
        public ?array $rows,
        public array $writers = [],
        public bool $unknown = false,
    ) {
    }

    /** That of a value in the cache. What is none of ours is a bucket to be deleted. */
    public static function of(mixed $value): self
    {
        if (!\is_array($value)) {
            return new self(null, unknown: true);
        }
        if (!isset($value['dirty'])) {
            return new self($value);
        }

        return new self($value['rows'], $value['dirty'], $value['unknown']);
    }

    /** Nothing is in the cache. */
    public static function absent(): self
    {
        return new self(null);
    }

    public function value(): array
    {
        return $this->isClean()
            ? $this->rows
            : ['dirty' => $this->writers, 'rows' => $this->rows, 'unknown' => $this->unknown];
    }

    /** Are the rows those of the storage? */
    public function isClean(): bool
    {
        return !$this->writers && $this->rows !== null && !$this->unknown;
    }

    /** Is it of no use to anybody? */
    public function isVoid(): bool
    {
        return !$this->writers && !$this->isClean();
    }

    /** A transaction is about to be committed. */
    public function marked(Writer $writer, BucketChanges $changes): self
    {
        $rows = $this->rows;
        $unknown = $this->unknown || !$changes->rules->updatesInPlace();
        foreach ($this->writers as [, , $others]) {
            $unknown = $unknown || !$changes->commuteWith($others);
        }
        if ($unknown) {
            $rows = null;
        } elseif ($rows === null && !$this->writers && $changes->creates()) {
            $rows = [];
        }
        $mark = [$writer->since, $writer->isLocked(), $changes->rows()];

        return new self($rows, [...$this->writers, $writer->id => $mark], $unknown);
    }

    /** A change that the storage knows already, of which nothing was said before. */
    public function changed(BucketChanges $changes): self
    {
        $unknown = $this->unknown || !$changes->rules->updatesInPlace();
        foreach ($this->writers as [, , $others]) {
            $unknown = $unknown || !$changes->commuteWith($others);
        }
        $rows = $this->rows ?? ($changes->creates() && !$this->writers ? [] : null);
        $rows = $unknown ? null : $changes->apply($rows);

        return new self($rows, $this->writers, $unknown);
    }

    /** A transaction was committed. A mark that is gone means that nobody knows what happened meanwhile. */
    public function settled(Writer $writer, BucketChanges $changes): self
    {
        $unknown = $this->unknown || !isset($this->writers[$writer->id]);
        $rows = $unknown ? null : $changes->apply($this->rows);
        $others = $this->writers;
        unset($others[$writer->id]);

        return new self($rows, $others, $unknown);
    }

    /** A transaction that was marked was rolled back. */
    public function retracted(Writer $writer, BucketChanges $changes): self
    {
        $others = $this->writers;
        unset($others[$writer->id]);
        $unknown = $this->unknown || $changes->creates();

        return new self($unknown ? null : $this->rows, $others, $unknown);
    }

    /**
     * Without those writers of whom nobody knows whether they have committed.
     *
     * @param list<string> $ids
     */
    public function without(array $ids): self
    {
        return $ids ? new self(null, \array_diff_key($this->writers, \array_flip($ids)), true) : $this;
    }
}
