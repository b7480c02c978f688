<?php
declare(strict_types=1);

/**
 * Many times, counted: those below FINE_NS in steps of STEP_NS, others are kept as they are. Processes hand them on as arrays.
 */
final class Latencies implements JsonSerializable
{
    public const FINE_NS = 65536;
    public const STEP_NS = 16;

    /** @var array<int, int> */
    private array $fine;
    /** @var list<int> */
    private array $long = [];
    private bool $sorted = false;

    public function __construct()
    {
        $this->fine = array_fill(0, intdiv(self::FINE_NS, self::STEP_NS), 0);
    }

    public function add(int $nanoseconds): void
    {
        if ($nanoseconds < self::FINE_NS) {
            ++$this->fine[intdiv($nanoseconds, self::STEP_NS)];
        } else {
            $this->long[] = $nanoseconds;
        }
    }

    /** @param iterable<array{array<int, int>, list<int>}> $parts what jsonSerialize() has made */
    public static function of(iterable $parts): self
    {
        $all = new self();
        foreach ($parts as [$fine, $long]) {
            foreach ($fine as $step => $count) {
                $all->fine[$step] += $count;
            }
            array_push($all->long, ...$long);
        }

        return $all;
    }

    public function count(): int
    {
        return array_sum($this->fine) + count($this->long);
    }

    /** Those of FINE_NS and more. */
    public function long(): int
    {
        return count($this->long);
    }

    public function max(): int
    {
        return $this->long ? max($this->long) : $this->at(100);
    }

    public function at(float $percent): int
    {
        if (!$this->sorted) {
            sort($this->long);
            $this->sorted = true;
        }
        $rank = min($this->count() - 1, (int) ($this->count() * $percent / 100));
        foreach ($this->fine as $step => $count) {
            if ($rank < $count) {
                return $step * self::STEP_NS + self::STEP_NS / 2;
            }
            $rank -= $count;
        }

        return $this->long[$rank];
    }

    /** @return array<string, int> in nanoseconds, by their names in tables */
    public function percentiles(): array
    {
        return [
            'p50' => $this->at(50),
            'p99' => $this->at(99),
            'p99.9' => $this->at(99.9),
            'p99.99' => $this->at(99.99),
            'max' => $this->max(),
        ];
    }

    public function jsonSerialize(): array
    {
        return [$this->fine, $this->long];
    }
}
