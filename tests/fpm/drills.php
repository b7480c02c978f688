<?php
/*
 * drills.php WORK SHARED EXTENSION VERIFIER SECONDS [DRILL...]: one line for each check, `ok - ...` or `not ok - ...`, and lines of
 * figures that begin with `#`.
 */
declare(strict_types=1);

foreach (['lib', 'drills'] as $folder) {
    foreach (glob(__DIR__ . "/$folder/*.php") as $file) {
        require $file;
    }
}

[, $work, $shared, $extension, $verifier, $seconds] = $argv;
$setup = new Setup(dirname(__DIR__, 2), $work, $shared, $extension, "$work/pages", $verifier, (float) $seconds);
$wanted = array_slice($argv, 6);
$drills = [
    'kills' => drillKills(...),
    'terminate' => drillTerminate(...),
    'time' => drillTimeLimit(...),
    'memory' => drillMemory(...),
    'allocations' => drillAllocations(...),
    'reload' => drillReload(...),
    'logs' => drillLogs(...),
    'ondemand' => drillOndemand(...),
    'short-lives' => drillShortLives(...),
    'masters' => drillMasters(...),
    'users' => drillUsers(...),
    'jail' => drillJail(...),
    'reset' => drillReset(...),
    'same-address' => drillSameAddress(...),
    'preload' => drillPreload(...),
    'file-cache' => drillFileCache(...),
    'attacks' => drillAttacks(...),
    'squatters' => drillSquatters(...),
    'own-faults' => drillOwnFaults(...),
];
$unknown = array_diff($wanted, array_keys($drills));
if ($unknown) {
    fwrite(STDERR, 'unknown: ' . implode(' ', $unknown) . "; there are: " . implode(' ', array_keys($drills)) . "\n");
    exit(2);
}
mt_srand((int) (getenv('SEED') ?: random_int(0, PHP_INT_MAX)));
foreach ($drills as $name => $drill) {
    if ($wanted && !in_array($name, $wanted, true)) {
        continue;
    }
    Results::$drill = $name;
    $began = microtime(true);
    $failed = Results::$failed;
    $ground = Ground::of($name, $setup);
    try {
        $drill($ground);
    } catch (Throwable $error) {
        check('the drill runs to its end', false, (string) $error);
    } finally {
        $ground->close();
    }
    figures(sprintf('%.1f s', microtime(true) - $began));
    if (Results::$failed > $failed) {
        foreach ([...glob("$ground->folder/*/log"), ...glob("$ground->folder/*.log")] as $log) {
            echo "$log:\n", implode('', array_slice(file($log), -20));
        }
    }
}
exit(Results::$failed ? 1 : 0);
