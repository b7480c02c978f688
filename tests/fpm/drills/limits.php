<?php
declare(strict_types=1);

/* Requests whose time or memory is over, while others go on. */

const WAITS = [
    'wait for a lock', 'wait for a lock to read', 'wait for a lease', 'wait for a merge', 'wait for a job', 'sleep in a builder',
    'sleep while a value is decoded', 'sleep with values, a lease, a lock and a job',
];
const RUNS = [
    'run in a builder', 'run in a merge', 'run while a value is decoded', 'run after the response',
    'run with values, a lease, a lock and a job', 'store', 'iterate', 'fetch',
];

/** Values of known keys, which pages of pages/hurt.php read; and what they wait for. */
function prepareLimits(Ground $ground): Holder
{
    $ground->cli('foreach (KINDS as $kind) { cache_store("still $kind", makeValue($kind, 1)); }
        cache_store("long text", str_repeat("long ", 3_000_000));
        cache_store("large array", array_map(fn ($i) => ["id" => $i, "name" => "name $i"], range(1, 12_000)));
        $nodes = []; foreach (range(1, 4000) as $i) { $nodes[] = makeNode($i); } cache_store("large graph", $nodes); unset($nodes);
        cache_store("large wrapped", new Wrapped(1, str_repeat("w", 5_000_000)));
        echo json_encode(true);');

    return $ground->holder('cache_lock_for_write("held"); cache_lease("held lease", 86400); cache_lease("held merge", 86400);');
}

/** What a request had taken is free as soon as it has ended. */
function checkGivenBack(Ground $ground): void
{
    $free = $ground->cli('$lock = cache_lock_for_write("mine", 10); $lease = cache_lease("mine"); $job = cache_queue_pop("mine", 10);
        if ($job) { cache_queue_ack($job["id"], $job["token"]); }
        echo json_encode([$lock !== false, $lease > 0, $job["key"] ?? null]);');
    check('what they had taken is free: a lock, a lease, a job', $free === [true, true, 'job'], $free);
}

/** Asks for all these ways at once. @return array<string, Answer> */
function hurt(Ground $ground, Fpm $fpm, array $ways, ?callable $meanwhile = null): array
{
    $connections = $answers = [];
    foreach ($ways as $i => $way) {
        $query = ['way' => $way, 'note' => "$ground->folder/note-$i"];
        $connections[$way] = FastCgi::send($fpm->socket('victims'), $ground->page('hurt'), $query);
    }
    $meanwhile && $meanwhile(array_map(static fn (int $i): string => "$ground->folder/note-$i", array_keys($ways)));
    foreach ($connections as $way => $connection) {
        $answers[$way] = FastCgi::receive($connection);
    }

    return $answers;
}

/** @param array<string, Answer> $answers @return array<string, string> those that end in another way */
function endsOtherThan(array $answers, string $end, string $body = ''): array
{
    $others = array_filter($answers, static fn (Answer $a): bool => $a->end !== $end || ($end === 'whole' && $a->body !== $body));

    return array_map(static fn (Answer $answer): string => "$answer->end $answer->headers $answer->body", $others);
}

/** request_terminate_timeout: php-fpm ends workers by SIGTERM, which nothing handles. */
function drillTerminate(Ground $ground): void
{
    $held = prepareLimits($ground);
    $ways = [...WAITS, ...array_diff(RUNS, ['run after the response'])];
    $pools = ['pool' => ['pm.max_children' => 2], 'victims' => ['pm.max_children' => count($ways), 'request_terminate_timeout' => '1s']];
    $fpm = $ground->fpms($pools);
    $visitors = $ground->visitors();
    $visitors->start($fpm->socket(), 2);
    $rounds = max(1, (int) ($ground->setup->seconds / 3));
    for ($round = 0; $round < $rounds; ++$round) {
        $answers = hurt($ground, $fpm, $ways);
        $others = endsOtherThan($answers, 'broken');
        check('requests that are in the midst of ' . count($ways) . ' things end', $others === [], $others);
    }
    $account = $visitors->account();
    $terminated = $fpm->logged('~execution timed out \([\d.]+ sec\), terminating~');
    $ended = becomes(static fn (): bool => $fpm->logged('~exited on signal 15~') >= $rounds * count($ways));
    check('php-fpm says that it ended them', $ended, $fpm->log());
    checkGivenBack($ground);
    $fpm->stop();
    $held->stop();
    figures("$terminated requests terminated, $account->answered pages answered meanwhile, slowest " . round($account->slowest, 3) . ' s');
    check('nobody else was disturbed', $account->broken === 0 && $account->refused === 0 && $account->answered > 2, $account);
    $ground->settle($account);
    $ground->judge();
}

/** max_execution_time, which counts the time of the processor; and, of those who wait, its signal. */
function drillTimeLimit(Ground $ground): void
{
    $held = prepareLimits($ground);
    $most = max(count(WAITS), count(RUNS));
    $pools = ['pool' => ['pm.max_children' => 2], 'victims' => ['pm.max_children' => $most, 'max_execution_time' => '1']];
    $fpm = $ground->fpms($pools);
    becomes(static fn (): bool => count($fpm->workers()) === $most + 2);
    $workers = $fpm->workers();
    $visitors = $ground->visitors();
    $visitors->start($fpm->socket(), 2);
    $endTime = static function (array $notes): void {
        foreach ($notes as $note) {
            becomes(static fn (): bool => file_exists($note));
        }
        usleep(200_000); // they are where they wait
        foreach ($notes as $note) {
            posix_kill((int) file_get_contents($note), SIGPROF);
            unlink($note);
        }
    };
    $answers = hurt($ground, $fpm, WAITS, $endTime);
    $waits = endsOtherThan($answers, 'whole');
    check('those who wait or sleep end with the request\'s time', $waits === [], $waits);
    checkGivenBack($ground);
    $answers = hurt($ground, $fpm, RUNS, $endTime);
    $after = $answers['run after the response'];
    check('what ran out of time after the response had been answered before', ($after->report()['end'] ?? '') === 'reached', $after);
    unset($answers['run after the response']);
    $runs = endsOtherThan($answers, 'whole');
    check('so do those who are busy', $runs === [], $runs);
    checkGivenBack($ground);
    $answers = hurt($ground, $fpm, ['run in a builder', 'store']);
    check('... also by the timer itself', endsOtherThan($answers, 'whole') === [], endsOtherThan($answers, 'whole'));
    $account = $visitors->account();
    $log = static fn (string $pattern): int => (int) preg_match_all($pattern, (string) @file_get_contents("$ground->folder/php.log"));
    $all = count(WAITS) + count(RUNS) + 2;
    $told = becomes(static fn (): bool => $log('~Maximum execution time of \d+ second~') >= $all && $log('~hurt.php: shutdown of~') >= $all);
    check('each is a fatal error, after which shutdown functions run', $told, file_get_contents("$ground->folder/php.log"));
    check('no worker died of it', array_diff($workers, $fpm->workers()) === [], $fpm->log());
    $fpm->stop();
    $held->stop();
    figures("$all requests out of time, $account->answered pages answered meanwhile, slowest " . round($account->slowest, 3) . ' s');
    check('nobody else was disturbed', $account->broken === 0 && $account->refused === 0 && $account->answered > 2, $account);
    $ground->settle($account);
    $ground->judge();
}
