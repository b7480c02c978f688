<?php
declare(strict_types=1);

require_once __DIR__ . '/statistics.php';

/**
 * Forks a process for each job and runs them all at the same time.
 *
 * @param list<callable(float $start): mixed> $jobs called some time before $start (hrtime() in seconds), up to which
 *     they may get ready
 * @return list<mixed> what they returned, by way of JSON
 */
function crew(array $jobs): array
{
    $start = hrtime(true) / 1e9 + 0.1 + 0.02 * count($jobs);
    $pipes = $pids = [];
    foreach ($jobs as $number => $job) {
        [$here, $there] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
        $pid = pcntl_fork();
        if ($pid === 0) {
            fwrite($there, json_encode($job($start), JSON_THROW_ON_ERROR));
            exit(0);
        }
        fclose($there);
        $pipes[$number] = $here;
        $pids[$number] = $pid;
    }
    $results = array_map(static fn ($pipe): string => stream_get_contents($pipe), $pipes);
    foreach ($pids as $pid) {
        pcntl_waitpid($pid, $status);
    }

    return array_map(static fn (string $json): mixed => json_decode($json, true, flags: JSON_THROW_ON_ERROR), $results);
}

/** Sleeps until that time (hrtime() in seconds). */
function awaitTime(float $time): void
{
    $microseconds = (int) (($time - hrtime(true) / 1e9) * 1e6);
    if ($microseconds > 0) {
        usleep($microseconds);
    }
}
