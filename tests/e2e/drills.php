<?php
/*
 * drills.php FOLDER EXTENSION SEGMENTS: one line for each check, `ok - ...` or `not ok - ...`.
 *
 * That nobody waits is shown by builders that are stopped: a page that is answered meanwhile has not waited for them.
 */
declare(strict_types=1);

require __DIR__ . '/site.php';

/* For what comes sooner or later. */
const PATIENCE = 20;

[, $work, $extension, $segments] = $argv;
$failed = 0;

function check(string $sentence, bool $holds, mixed $details = null): void
{
    global $failed;
    $failed += (int) !$holds;
    echo $holds ? 'ok - ' : 'not ok - ', $sentence, $holds ? '' : ': ' . json_encode($details), "\n";
}

/** Waits until it holds; whether it does. */
function becomes(callable $condition): bool
{
    for ($until = microtime(true) + PATIENCE; microtime(true) < $until; usleep(5000)) {
        clearstatcache();
        if ($condition()) {
            return true;
        }
    }

    return false;
}

/** @return array<string, int|float> */
function queue(): array
{
    return cache_queue_info('pages');
}

/** Forks a visitor who comes again and again until he is stopped, or his last visit. */
function startVisitor(Site $site, string $key, string $file): int
{
    $pid = pcntl_fork();
    if ($pid !== 0) {
        return $pid;
    }
    $stop = false;
    pcntl_async_signals(true);
    pcntl_signal(SIGTERM, static function () use (&$stop): void {
        $stop = true;
    });
    $answered = $broken = 0;
    $versions = [];
    while (!$stop) {
        $page = $site->visit($key);
        $page === null ? ++$broken : ++$answered;
        $versions[$page['version'] ?? 0] = true;
    }
    file_put_contents($file, json_encode(['answered' => $answered, 'broken' => $broken, 'versions' => array_keys($versions)]));
    posix_kill(getmypid(), SIGKILL); // what was copied from the parent is not to be ended here
    exit;
}

/* ---- drills ---------------------------------------------------------------------------------------------- */

function coldMiss(Site $site): void
{
    $site->setDelay(300_000);
    $pages = $site->visitAtOnce('page:cold', 8);
    $site->setDelay(0);
    check('a cold page is answered for all of 8 visitors', !in_array(null, $pages, true), $pages);
    check('... and was built once', count($site->events('page:cold', 'begins')) === 1, $site->events('page:cold', 'begins'));
    check('... which is what all of them got', count(array_unique(array_column($pages, 'pid'))) === 1, $pages);
    becomes(static fn (): bool => queue()['waiting'] + queue()['running'] === 0);
}

function staleWhileOneRebuilds(Site $site): void
{
    $key = 'page:stale';
    $before = $site->visit($key);
    $site->setSource(2);
    $site->closeGate();
    cache_mark_stale($key);
    $pages = $site->visitAtOnce($key, 8);
    check('a worker begins to rebuild what a visitor has found stale', becomes(static fn (): bool => count($site->events($key, 'begins')) === 2));
    $pages = [...$pages, ...$site->visitAtOnce($key, 8)];
    check('visitors are answered while the rebuild stands still', !in_array(null, $pages, true), $pages);
    check('... with the old page', array_unique(array_column($pages, 'version')) === [$before['version']], $pages);
    check('one worker rebuilds, and no page', queue()['running'] === 1 && queue()['waiting'] === 0, queue());
    $site->openGate();
    check('the new page is there when it is done', becomes(static fn (): bool => $site->visit($key)['version'] === 2), $site->visit($key));
    $builds = $site->events($key, 'begins');
    check('... of one rebuild, on the command line', count($builds) === 2 && $builds[1]['sapi'] === 'cli', $builds);
}

function refreshAhead(Site $site): void
{
    $key = 'page:ahead:1';
    $site->visit($key);
    becomes(static fn (): bool => queue()['waiting'] + queue()['running'] === 0);
    check('a page is not asked for again while it is young', count($site->events($key, 'begins')) === 1);
    usleep(600_000); // it ages after half a second
    $site->closeGate();
    for ($i = 0; $i < 5; ++$i) {
        $pages = $site->visitAtOnce($key, 4);
    }
    check('an aging page is answered', !in_array(null, $pages, true), $pages);
    check('... and rebuilt before it is stale', becomes(static fn (): bool => count($site->events($key, 'begins')) === 2));
    $site->openGate();
    becomes(static fn (): bool => count($site->events($key, 'ends')) === 2 && queue()['running'] === 0);
    $site->visitAtOnce($key, 4);
    check('... once', count($site->events($key, 'begins')) === 2 && queue()['waiting'] === 0, [$site->events($key, 'begins'), queue()]);
}

function changeDuringRebuild(Site $site): void
{
    $key = 'page:changing';
    $site->setSource(10);
    $site->visit($key);
    $site->setSource(11);
    $site->closeGate();
    $site->refresh($key);
    becomes(static fn (): bool => count($site->events($key, 'begins')) === 2);
    $site->setSource(12);
    check('a change during a rebuild makes it run once more', $site->refresh($key) === 2, queue());
    $site->openGate();
    check('... and the last version wins', becomes(static fn (): bool => $site->visit($key)['version'] === 12), $site->visit($key));
    becomes(static fn (): bool => queue()['waiting'] + queue()['running'] === 0);
    check('... for good', $site->visit($key)['version'] === 12 && cache_queue_info('pages')['dead'] === 0);
}

/* The other worker is that of the site, which is kept busy until the first one has taken the job. */
function stoppedWorker(Site $site, int $master): void
{
    $key = 'page:stopped';
    $site->visit($key);
    $site->stopWorker($master, SIGTERM);
    $first = $site->startWorker(['--timeout=0', '--lease=1', '--processes=1']);
    $site->setSource(20);
    $site->closeGate();
    $site->refresh($key);
    becomes(static fn (): bool => count($site->events($key, 'begins')) === 2);
    $stopped = $site->events($key, 'begins')[1]['pid'];
    posix_kill($stopped, SIGSTOP);
    $second = $site->startWorker(['--timeout=0', '--lease=30', '--processes=1']);
    check('the job of a stopped worker is taken over', becomes(static fn (): bool => count($site->events($key, 'begins')) === 3));
    $site->openGate();
    check('... and done', becomes(static fn (): bool => $site->visit($key)['version'] === 20), $site->visit($key));
    becomes(static fn (): bool => queue()['running'] === 0);
    $acked = queue()['acked'];
    $site->setSource(21);
    posix_kill($stopped, SIGCONT);
    check('what it does when it goes on is refused', becomes(static fn (): bool => count($site->log('lost')) === 1), $site->log('lost'));
    check('... and counts for nothing', queue()['acked'] === $acked && $site->visit($key)['version'] === 20, queue());
    $site->stopWorker($first, SIGTERM);
    $site->stopWorker($second, SIGTERM);
}

function killLoop(Site $site, string $work): void
{
    $key = 'page:short:1';
    $site->visit($key);
    $site->setDelay(30_000);
    // Without a master, who would bring back ever later what dies again and again.
    $start = static fn (): int => $site->startWorker(['--processes=0', '--timeout=10']);
    $workers = [$start(), $start(), $start()];
    becomes(static fn (): bool => queue()['workers'] === 3);
    $visitors = [];
    for ($i = 0; $i < 3; ++$i) {
        $visitors[startVisitor($site, $key, "$work/visitor-$i")] = "$work/visitor-$i";
    }
    mt_srand(7);
    $killed = ['pages' => 0, 'workers' => 0];
    for ($version = 100, $until = microtime(true) + 8; microtime(true) < $until; ++$version) {
        $site->setSource($version);
        usleep(mt_rand(20_000, 120_000));
        if (mt_rand(0, 1)) {
            $pids = $site->servers->workers();
            $killed['pages'] += (int) ($pids && posix_kill($pids[array_rand($pids)], SIGKILL));
        } else {
            $i = array_rand($workers);
            $site->stopWorker($workers[$i], SIGKILL);
            $workers[$i] = $start();
            ++$killed['workers'];
        }
        if ($version % 20 === 0) {
            $site->servers->reload();
        }
    }
    $reloads = intdiv($version - 100, 20) + 1;
    $seen = [];
    $answered = $broken = 0;
    foreach ($visitors as $pid => $file) {
        posix_kill($pid, SIGTERM);
        pcntl_waitpid($pid, $status);
        $visits = json_decode((string) file_get_contents($file), true);
        $answered += $visits['answered'];
        $broken += $visits['broken'];
        $seen += array_flip($visits['versions']);
    }
    $builds = $site->events($key, 'begins');
    $fromPages = array_filter(array_slice($builds, 1), static fn (array $build): bool => $build['sapi'] !== 'cli');
    check("pages went on while $killed[pages] of their workers and $killed[workers] of the queue's were killed", $killed['pages'] > 10
        && $killed['workers'] > 10 && $answered > 20 * $broken, [$answered, $broken]);
    // Of each that is killed the request breaks off; a reload, during which others are killed, may take some more.
    check('no more requests broke off than workers were killed', $broken <= $killed['pages'] + 3 * $reloads, [$broken, $killed, $reloads]);
    check('none of them had to build anything: the old page was always there', $fromPages === [], $fromPages);
    check('... and new ones came', count($seen) > 10, array_keys($seen));
    check('no two workers rebuilt at once', overlapping($site, $key) === [], overlapping($site, $key));
    $site->setDelay(0);
    $site->setSource(99_999);
    $site->refresh($key);
    check('after that, the last version is built', becomes(static fn (): bool => ($site->visit($key)['version'] ?? 0) === 99_999), [$site->visit($key), queue()]);
    $idle = becomes(static fn (): bool => queue()['waiting'] + queue()['running'] + queue()['delayed'] === 0);
    check('... the queue is empty', $idle && queue()['dead'] === 0, queue());
    [$output, $status] = $site->command('verify');
    check('... and the segment is sound', $status === 0, $output);
    foreach ($workers as $worker) {
        $site->stopWorker($worker, SIGTERM);
    }
}

/** Builds that began while another one, of a process that went on to its end, was under way. */
function overlapping(Site $site, string $key): array
{
    $begins = $site->events($key, 'begins');
    $ends = $site->events($key, 'ends');
    $found = [];
    foreach ($ends as $end) {
        $own = array_filter($begins, static fn (array $b): bool => $b['pid'] === $end['pid'] && $b['time'] < $end['time']);
        $own = end($own);
        foreach ($begins as $other) {
            if ($other['pid'] !== $end['pid'] && $other['time'] > $own['time'] && $other['time'] < $end['time']) {
                $found[] = [$own, $other, $end];
            }
        }
    }

    return $found;
}

/* ---- all of them ----------------------------------------------------------------------------------------- */

$site = new Site($work, $extension, $segments, 8);
try {
    coldMiss($site);
    $master = $site->startWorker(['--processes=2']);
    becomes(static fn (): bool => queue()['workers'] === 2);
    staleWhileOneRebuilds($site);
    refreshAhead($site);
    changeDuringRebuild($site);
    stoppedWorker($site, $master);
    killLoop($site, $work);
} catch (Throwable $error) {
    check('the drills run to their end', false, (string) $error);
} finally {
    $site->stop();
}
if ($failed) {
    echo "the workers' log:\n", implode('', array_slice(file("$work/worker.log"), -40));
    foreach (glob("$work/servers/*.log") as $log) {
        echo "$log:\n", implode('', array_slice(file($log), -10));
    }
}
exit($failed ? 1 : 0);
