<?php
/*
 * kill.php LIBRARY KILLS PATIENCE: six processes use the cache; one after the other is killed at a random instant, at
 * times two or three at once, and started again. Before the next kill all of them must have completed an operation:
 * if one has not within PATIENCE seconds, they hang, and the drill ends.
 */
declare(strict_types=1);

require __DIR__ . '/../lib/victim.php';

const VICTIMS = 6;
/* Microseconds, up to which a kill waits after all have gone on. */
const DELAY_MAX = 1500;

[, $library, $kills, $patience] = $argv;
$ledger = new Ledger(VICTIMS * Victim::WORDS);
$ledger->removeWhenUnused();
$pids = [];

$start = static function (int $number) use ($ledger, $library, &$pids): void {
    $pids[$number] = pcntl_fork();
    if ($pids[$number] === 0) {
        (new Victim($ledger, $library, $number, VICTIMS))->run();
    }
};
$kill = static function (int $number) use (&$pids): void {
    posix_kill($pids[$number], SIGKILL);
    pcntl_waitpid($pids[$number], $status);
};
$word = static fn (int $number, int $word): int => $number * Victim::WORDS + $word;

/** Seconds until all have completed an operation; null: they hang. */
$await = static function () use ($ledger, $word, $patience): ?float {
    $waiting = [];
    for ($i = 0; $i < VICTIMS; ++$i) {
        $waiting[$i] = $ledger->get($word($i, Victim::DONE));
    }
    $started = hrtime(true);
    while ($waiting) {
        $time = (hrtime(true) - $started) / 1e9;
        if ($time > $patience) {
            return null;
        }
        usleep(100);
        foreach ($waiting as $i => $done) {
            if ($ledger->get($word($i, Victim::DONE)) !== $done) {
                unset($waiting[$i]);
            }
        }
    }

    return (hrtime(true) - $started) / 1e9;
};

array_map($start, range(0, VICTIMS - 1));
$killed = $inside = 0;
$hang = false;
$gap = 0.0;
for (;;) {
    $time = $await();
    if ($time === null) {
        $hang = true;
        break;
    }
    $gap = max($gap, $time);
    if ($killed >= $kills) {
        break;
    }
    usleep(random_int(0, DELAY_MAX));
    $chosen = (array) array_rand($pids, random_int(0, 7) === 0 ? random_int(2, 3) : 1);
    foreach ($chosen as $number) {
        posix_kill($pids[$number], SIGKILL);
    }
    foreach ($chosen as $number) {
        pcntl_waitpid($pids[$number], $status);
        $inside += $ledger->get($word($number, Victim::INSIDE));
        $ledger->set($word($number, Victim::INSIDE), 0);
        ++$killed;
    }
    array_map($start, $chosen);
}
array_map($kill, array_keys($pids));
$result = ['kills' => $killed, 'inside' => $inside, 'hang' => $hang, 'gap' => $gap];

if (!$hang) {
    // Whoever takes over last finds all as it should be.
    for ($i = 0; $i < VICTIMS; ++$i) {
        (new Victim($ledger, $library, $i, VICTIMS))->checkOwn();
    }
}
$words = ['done' => Victim::DONE, 'corrupt' => Victim::CORRUPT, 'lost' => Victim::LOST, 'refused' => Victim::REFUSED];
$ofAll = static fn (int $at): array => array_map(
    static fn (int $i): int => $ledger->get($word($i, $at)),
    range(0, VICTIMS - 1),
);
$result += array_map(static fn (int $at): int => array_sum($ofAll($at)), $words);
$result['longest'] = max($ofAll(Victim::LONGEST_NS)) / 1e9;
if ($library === 'cache' && !$hang) {
    $result += array_intersect_key(cache_info(true), ['recoveries' => 0, 'rebuilds' => 0, 'evictions' => 0]);
}
echo json_encode($result, JSON_THROW_ON_ERROR);
