<?php
declare(strict_types=1);

/* Masters that exchange their workers: the segment outlives all of them. */

/** USR2, as `systemctl reload` sends it: the master executes itself anew, workers end when they have answered. */
function drillReload(Ground $ground): void
{
    $fpm = $ground->fpms(['pool' => ['pm.max_children' => 3]], [], ['process_control_timeout' => '20s']);
    $visitors = $ground->visitors();
    $visitors->start($fpm->socket(), 3);
    becomes(static fn (): bool => $ground->file() !== '');
    $inode = fileinode($ground->file());
    $seen = array_flip($fpm->workers());
    $reloads = 0;
    for ($until = microtime(true) + $ground->setup->seconds; microtime(true) < $until || $reloads < 3;) {
        usleep(mt_rand(50_000, 400_000));
        $ready = $fpm->logged('~ready to handle connections~');
        $fpm->signal(SIGUSR2);
        ++$reloads;
        $done = becomes(static fn (): bool => $fpm->logged('~ready to handle connections~') > $ready);
        if (!$done) {
            check("reload $reloads comes to its end", false, $fpm->log());
            break;
        }
        $seen += array_flip($fpm->workers());
    }
    $account = $visitors->account();
    clearstatcache();
    check('the workers were exchanged', count($seen) >= 3 * $reloads, [$seen, $reloads]);
    check('the segment is the same one', fileinode($ground->file()) === $inode);
    $fpm->stop();
    figures("$reloads reloads, " . count($seen) . " workers, $account->answered pages answered, $account->broken broken off, "
        . "$account->refused refused");
    // A worker may be told to end when it has accepted a connection and read nothing of it.
    check('pages went on', $account->answered > 2 && $account->broken + $account->refused <= 3 * $reloads, $account);
    $ground->settle($account);
    $ground->judge();
}

/** USR1: the master and the workers open their logs anew. */
function drillLogs(Ground $ground): void
{
    $fpm = $ground->fpm(['pm.max_children' => 2]);
    $visitors = $ground->visitors();
    $visitors->start($fpm->socket(), 2);
    $workers = $fpm->workers();
    for ($i = 1; $i <= 3; ++$i) {
        usleep(200_000);
        rename("$fpm->folder/log", "$fpm->folder/log.$i");
        $fpm->signal(SIGUSR1);
        check("log $i is opened anew", becomes(static fn (): bool => file_exists("$fpm->folder/log")));
    }
    $account = $visitors->account();
    check('nobody is disturbed', $account->broken + $account->refused === 0 && $account->answered > 2, $account);
    check('by the same workers', $fpm->workers() === $workers, [$workers, $fpm->workers()]);
    $fpm->stop();
    $ground->settle($account);
    $ground->judge();
}

/** pm = ondemand: workers come with visitors and end when they have been idle for a second; at times there is none at all. */
function drillOndemand(Ground $ground): void
{
    $fpm = $ground->fpm(['pm' => 'ondemand', 'pm.max_children' => 2, 'pm.process_idle_timeout' => '1s']);
    $visitors = $ground->visitors();
    $account = new Account();
    $seen = [];
    for ($burst = 1; $burst <= 2; ++$burst) {
        $visitors->start($fpm->socket(), 3);
        for ($until = microtime(true) + $ground->setup->seconds / 4; microtime(true) < $until; usleep(20_000)) {
            $seen += array_flip($fpm->workers());
        }
        $visitors->account($account);
        check("after burst $burst all workers leave", becomes(static fn (): bool => $fpm->workers() === []), $fpm->log());
    }
    figures(count($seen) . " workers came and went, $account->answered pages answered");
    check('each burst has workers of its own', count($seen) >= 2, $seen);
    check('nothing broke off', $account->broken + $account->refused === 0, $account);
    $now = $ground->cli('echo json_encode(["created" => cache_info(true)["segment"]["created"], "hits" => cache_fetch("hits")]);');
    check('what they stored is there, though at times nobody was', $now['hits'] >= $account->hits && $account->hits > 2, $now);
    $fpm->stop();
    $ground->settle($account);
    $ground->judge();
}

/** pm.max_requests: each worker lives for three requests. */
function drillShortLives(Ground $ground): void
{
    $fpm = $ground->fpm(['pm.max_children' => 3, 'pm.max_requests' => 3]);
    $visitors = $ground->visitors();
    $visitors->start($fpm->socket(), 3);
    usleep((int) ($ground->setup->seconds * 1e6));
    becomes(static fn (): bool => $fpm->logged('~exited with code 0~') >= 3);
    $account = $visitors->account();
    $ends = $fpm->logged('~exited with code 0~');
    figures("$ends workers ended after three requests, $account->answered pages answered");
    check('workers end and others come', $ends >= 3 && $account->answered >= 3 * $ends, [$ends, $account]);
    check('nothing broke off', $account->broken + $account->refused === 0, $account);
    $counters = $ground->cli('echo json_encode(cache_info(true));');
    check('they detached: nobody had to be recovered', $counters['recoveries'] === 0, $counters['recoveries']);
    $fpm->stop();
    $ground->settle($account);
    $ground->judge();
}
