<?php
/*
 * ops.php TABLE WORK CHUNKS LIBRARY...: times the operations of bench/TABLE.php in this one process. For each of them
 * short chunks of the libraries and of the empty loop take turns. Prints, by name of the operation and by library, the
 * median and the tenth percentile of the chunks in nanoseconds a call, the empty loop subtracted.
 */
declare(strict_types=1);

require __DIR__ . '/../lib/timing.php';

[, $table, $work, $chunks] = $argv;
$operations = [];
foreach (require __DIR__ . "/../$table.php" as $operation) {
    foreach ($operation->names() as $name => $keys) {
        $operations[$name] = [$operation, $keys];
    }
}
$compiled = compiled(array_values($operations), array_slice($argv, 4), "$work/$table.php");
$results = [];
foreach (array_keys($operations) as $number => $name) {
    check($operations[$name][0], $compiled[$number]['sample']);
    $functions = $compiled[$number]['chunk'];
    $results[$name] = timed($functions, array_map(callsOfChunk(...), $functions), (int) $chunks);
}
echo json_encode($results, JSON_THROW_ON_ERROR);
