<?php
declare(strict_types=1);

/* For what comes sooner or later. */
const PATIENCE = 30;

/** One line for each check. @return bool whether it holds */
function check(string $sentence, bool $holds, mixed $details = null): bool
{
    Results::$failed += (int) !$holds;
    $shown = is_string($details) ? $details : json_encode($details, JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_UNESCAPED_SLASHES);
    echo $holds ? 'ok - ' : 'not ok - ', Results::$drill, ': ', $sentence, $holds ? '' : ': ' . substr((string) $shown, 0, 4000), "\n";

    return $holds;
}

/** A line that says how much was done. */
function figures(string $line): void
{
    echo '# ', Results::$drill, ': ', $line, "\n";
}

final class Results
{
    public static int $failed = 0;
    public static string $drill = '';
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

function removeTree(string $path): void
{
    if (is_dir($path) && !is_link($path)) {
        foreach (array_diff(scandir($path), ['.', '..']) as $name) {
            removeTree("$path/$name");
        }
        rmdir($path);
    } elseif (file_exists($path) || is_link($path)) {
        unlink($path);
    }
}
