<?php
declare(strict_types=1);

/*
 * Memory limits. Since 8.2.35 PHP lets an allocation that may not fail exceed memory_limit, and reports that afterwards; above the
 * hard limit (memory_hard_limit_percent, by default twice the limit) the process ends at once, inside of the allocation, with the
 * status 137 and without any handler. So each allocation may be a death.
 */

const MEMORY = [
    'fetch a long text', 'fetch a large array', 'fetch large objects', 'fetch what is serialized', 'fetch again and again',
    'fetch entries', 'info', 'iterate in one chunk', 'fill in a builder', 'fill in a merge', 'fill while a value is decoded',
    'fill after the response', 'fill with values, a lease, a lock and a job', 'store what is serialized', 'take a large job',
];

function drillMemory(Ground $ground): void
{
    $held = prepareLimits($ground);
    $ground->cli('for ($i = 0; $i < 200; $i++) { cache_store("bulk:$i", str_repeat("b", 60_000)); } echo json_encode(true);');
    $pools = [
        'pool' => ['pm.max_children' => 2],
        'victims' => ['pm.max_children' => 3, 'memory_limit' => '6M', 'cache.zero_copy' => 'off'],
    ];
    $fpm = $ground->fpms($pools);
    $visitors = $ground->visitors();
    $visitors->start($fpm->socket(), 2);
    $fatal = $died = 0;
    $unscathed = [];
    foreach (array_chunk(MEMORY, 3) as $ways) {
        foreach (hurt($ground, $fpm, $ways) as $way => $answer) {
            if ($answer->end === 'broken') {
                ++$died;
            } elseif ($answer->end === 'whole' && ($answer->body === '' || $way === 'fill after the response')) {
                ++$fatal;
            } else {
                $unscathed[$way] = "$answer->end $answer->body";
            }
        }
    }
    check('each request was ended, by an error or with its process', $unscathed === [], $unscathed);
    checkGivenBack($ground);
    $account = $visitors->account();
    $counted = becomes(static fn (): bool => $fpm->logged('~exited with code 137~') === $died);
    check('who died had exceeded the hard limit', $counted, $fpm->log());
    $log = (string) @file_get_contents("$ground->folder/php.log");
    check('the others have had their error', substr_count($log, 'Allowed memory size of') >= $fatal, $log);
    $rebuilds = $ground->cli('echo json_encode(cache_info(true)["rebuilds"]);');
    check('nobody died with a lock of a shard in his hands', $rebuilds === 0, $rebuilds);
    $fpm->stop();
    $held->stop();
    figures("$fatal requests ended by memory_limit and $died processes by the hard limit (status 137), "
        . "$account->answered pages answered meanwhile");
    check('nobody else was disturbed', $account->broken === 0 && $account->refused === 0 && $account->answered > 2, $account);
    $ground->settle($account);
    $ground->judge();
}

/**
 * A process dies at each single allocation of an operation: PHP counts them exactly when it takes each from malloc(), and the hard
 * limit is the limit itself.
 */
function drillAllocations(Ground $ground): void
{
    $environment = ['USE_ZEND_ALLOC=0', 'USE_TRACKED_ALLOC=1'];
    $settings = ['memory_hard_limit_percent' => '100', 'cache.zero_copy' => 'off', 'log_errors' => '0', 'display_errors' => '0'];
    $command = ['env', ...$environment, 'timeout', '-k', '5', '300', ...$ground->command($settings), $ground->page('allocations'),
        (string) $ground->setup->seconds];
    exec(implode(' ', array_map(escapeshellarg(...), $command)) . ' 2>&1', $lines, $status);
    $results = json_decode((string) end($lines), true);
    if (!check('the sweep comes to its end', $status === 0 && is_array($results), implode("\n", $lines))) {
        return;
    }
    $deaths = array_column($results, 'died', 'operation');
    check('most operations were died in; some allocate nothing', count(array_filter($deaths)) >= 15 && array_sum($deaths) > 300, $deaths);
    check('... and came to its end when there was enough', !in_array(false, array_column($results, 'ended'), true), $results);
    check('no lock was left locked, and no operation of others failed', array_sum(array_column($results, 'harm')) === 0, $results);
    figures(array_sum($deaths) . ' deaths with status 137 inside of an allocation, ' . array_sum(array_column($results, 'fatal'))
        . ' fatal errors, in ' . count($results) . ' operations');
    $ground->judge();
}
