<?php
/*
 * queue.php CASE COUNT: the rebuild queue. Prints JSON.
 *   calls   nanoseconds of calls in one process, by name: medians of rounds
 *   wake    a worker sleeps in cache_queue_pop(): microseconds from before a push until it has the job, median and p99
 *   worker  COUNT jobs whose loader does nothing: microseconds of one in SharedCache's worker, and in a loop of the bare functions
 */
declare(strict_types=1);

require __DIR__ . '/../lib/statistics.php';

const ROUND = 4000;

[, $case, $count] = $argv;

/** @param Closure(int): mixed $call @return float nanoseconds of one */
function timeOf(Closure $call): float
{
    $begin = hrtime(true);
    for ($i = 0; $i < ROUND; ++$i) {
        $call($i);
    }

    return (hrtime(true) - $begin) / ROUND;
}

function calls(int $rounds): array
{
    $keys = array_map(static fn (int $i): string => sprintf('bench:queue:job:%04x', $i), range(0, ROUND - 1));
    $times = [];
    cache_store('fresh', 'value', 3600, 3600);
    cache_store('stale', 'value', 3600, 3600);
    cache_mark_stale('stale');
    for ($round = 0; $round < $rounds; ++$round) {
        $times['nothing'][] = timeOf(static fn (int $i) => $keys[$i]);
        $times['push'][] = timeOf(static fn (int $i) => cache_queue_push('bench', $keys[$i]));
        $times['push of a job that waits'][] = timeOf(static fn (int $i) => cache_queue_push('bench', $keys[$i]));
        $times['pop and ack'][] = timeOf(static function (): void {
            $job = cache_queue_pop('bench');
            cache_queue_ack($job['id'], $job['token']);
        });
        $times['fetch_stale of a stale value'][] = timeOf(static fn () => cache_fetch_stale('stale'));
        $times['fetch_stale of a stale value, its job waits'][] = timeOf(static fn () => cache_fetch_stale('stale', queue: 'bench'));
        cache_queue_purge('bench');
    }
    $medians = array_map(median(...), $times);
    $nothing = $medians['nothing'];
    unset($medians['nothing']);

    return array_map(static fn (float $time): float => $time - $nothing, $medians);
}

function wake(int $pushes): array
{
    [$here, $there] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    if (pcntl_fork() === 0) {
        for ($i = 0; $i < $pushes; ++$i) {
            $job = cache_queue_pop('bench', 10.0);
            $times[] = (hrtime(true) - $job['payload']) / 1e3;
            cache_queue_ack($job['id'], $job['token']);
        }
        fwrite($there, json_encode($times));
        exit(0);
    }
    fclose($there);
    for ($i = 0; $i < $pushes; ++$i) {
        // By then it sleeps.
        usleep(3000);
        cache_queue_push('bench', "job $i", hrtime(true));
    }
    $times = json_decode(stream_get_contents($here), true);
    sort($times);

    return ['median' => $times[intdiv($pushes, 2)], 'p99' => $times[intdiv($pushes * 99, 100)]];
}

/** @param Closure(): void $work @return float microseconds of one */
function timeOfJobs(int $jobs, string $round, Closure $work): float
{
    for ($i = 0; $i < $jobs; ++$i) {
        cache_queue_push('bench', "page:$round-$i");
    }
    $begin = hrtime(true);
    $work();
    $time = (hrtime(true) - $begin) / 1e3 / $jobs;
    if (cache_queue_info('bench')['waiting'] !== 0) {
        throw new UnexpectedValueException('jobs were left');
    }

    return $time;
}

function worker(int $jobs): array
{
    require __DIR__ . '/../../php_src/autoload.php';
    $registry = (new SharedCache\Rebuild\Registry())->add('bench', 'page:{name}', static fn (string $name): int => 1, ttl: 60);
    $options = new SharedCache\Worker\Options(['bench'], timeout: 0, stopWhenEmpty: true);
    $worker = static fn () => (new SharedCache\Worker\Worker($registry, $options, new SharedCache\Worker\Signals()))->run();
    $bare = static function (): void {
        while ($job = cache_queue_pop('bench')) {
            $lease = cache_lease($job['key']);
            cache_commit($job['key'], $lease, 1, 60);
            cache_queue_ack($job['id'], $job['token']);
        }
    };
    for ($round = 0; $round < 5; ++$round) {
        $times['worker'][] = timeOfJobs($jobs, "worker-$round", $worker);
        $times['bare functions'][] = timeOfJobs($jobs, "bare-$round", $bare);
        cache_clear();
    }

    return array_map(median(...), $times);
}

$result = match ($case) {
    'calls' => calls((int) $count),
    'wake' => wake((int) $count),
    'worker' => worker((int) $count),
};
echo json_encode($result, JSON_THROW_ON_ERROR), "\n";
