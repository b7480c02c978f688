<?php
declare(strict_types=1);

/* Workers that are killed, at whatever instruction. */

/** SIGKILL of workers under load. */
function drillKills(Ground $ground): void
{
    $fpm = $ground->fpm(['pm.max_children' => 4]);
    $visitors = $ground->visitors();
    $visitors->start($fpm->socket(), 2);
    $visitors->start($fpm->socket(), 2, 'churn');
    $killed = 0;
    for ($until = microtime(true) + $ground->setup->seconds; microtime(true) < $until || ($killed <= 20 && microtime(true) < $until + PATIENCE);) {
        usleep(mt_rand(1000, 40_000));
        $workers = $fpm->workers();
        $killed += (int) ($workers && posix_kill($workers[array_rand($workers)], SIGKILL));
    }
    $account = $visitors->account();
    $counters = $ground->cli('echo json_encode(cache_info(true));');
    $fpm->stop();
    figures("$account->answered pages answered, $account->broken broken off, $killed workers killed by SIGKILL, "
        . "$counters[recoveries] participants recovered, $counters[rebuilds] shards rebuilt, slowest answer " . round($account->slowest, 3) . ' s');
    check('many were killed and pages went on', $killed > 20 && $account->answered > 0, $account);
    check('no more requests broke off than workers were killed', $account->broken + $account->refused <= $killed, [$account, $killed]);
    check('the dead are recovered', $counters['recoveries'] > 0, $counters['recoveries']);
    $ground->settle($account);
    $ground->judge();
}
