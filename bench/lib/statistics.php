<?php
declare(strict_types=1);

/** @param non-empty-list<int|float> $sorted ascending */
function percentile(array $sorted, float $percent): int|float
{
    return $sorted[min(count($sorted) - 1, (int) (count($sorted) * $percent / 100))];
}

/** @param non-empty-array<int|float> $numbers */
function median(array $numbers): float
{
    sort($numbers);
    $middle = intdiv(count($numbers), 2);

    return count($numbers) % 2 ? (float) $numbers[$middle] : ($numbers[$middle - 1] + $numbers[$middle]) / 2;
}

/** Processor time that this process has taken so far, in seconds. */
function cpuSeconds(): float
{
    $usage = getrusage();

    return $usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec']
        + ($usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec']) / 1e6;
}
