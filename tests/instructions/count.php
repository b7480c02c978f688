<?php
/*
 * count.php MODULE CALLS FOLDER...: reads what callgrind has written of calls.php into FOLDER/out.1, out.2 ..., and the names that
 * calls.php has printed into FOLDER/names. Prints the instructions of one call in the functions of MODULE, by name of the path:
 * the difference between the two loops, so that what is done once is none of it; the fewest of its rounds; and of all folders
 * the mean, or with FEWEST=1 in the environment the fewest.
 */
declare(strict_types=1);

/** Instructions in the functions of the module alone, those that it calls elsewhere left out. */
function instructions(string $file, string $module): int
{
    $lines = file($file, FILE_IGNORE_NEW_LINES);
    if (!$lines) {
        fwrite(STDERR, "there is no $file\n");
        exit(1);
    }
    $sum = 0;
    $inside = $call = false;
    foreach ($lines as $line) {
        if (str_starts_with($line, 'ob=')) {
            $inside = str_ends_with($line, $module);
        } elseif (str_starts_with($line, 'calls=')) {
            $call = true;
        } elseif (preg_match('/^[+*-]?\d* ?(\d+)$/', $line, $found)) {
            // After "calls=" comes what the called function has cost.
            $sum += $inside && !$call ? (int) $found[1] : 0;
            $call = false;
        }
    }

    return $sum;
}

/** @return array<string, int> by name */
function counted(string $folder, string $module, int $calls): array
{
    $counts = [];
    // Each loop lies between two dumps; so does what is between the two loops.
    $dump = 2;
    foreach (file("$folder/names", FILE_IGNORE_NEW_LINES) as $name) {
        $once = instructions("$folder/out.$dump", $module);
        $twice = instructions("$folder/out." . ($dump + 2), $module);
        $counts[$name][] = ($twice - $once) / $calls;
        $dump += 4;
    }

    return array_map(min(...), $counts);
}

[, $module, $calls] = $argv;
$runs = array_map(static fn (string $folder): array => counted($folder, $module, (int) $calls), array_slice($argv, 3));
foreach (array_keys($runs[0]) as $name) {
    $counts = array_column($runs, $name);
    printf("%s\t%.0f\n", $name, getenv('FEWEST') ? min($counts) : array_sum($counts) / count($counts));
}
