<?php
/*
 * page.php WORK ROUNDS SECONDS PAGES OPTION...: serves bench/page through nginx and a php-fpm with these options of
 * PHP's. wrk asks for the PAGES (with commas between) in turns, each round for that many seconds. Prints for each page
 * the median of the requests a second.
 */
declare(strict_types=1);

require __DIR__ . '/../lib/statistics.php';
require __DIR__ . '/../../tests/lib/servers.php';

/** Twice: the second answer is of a full cache. */
function checked(Servers $servers, string $page): string
{
    [$first] = $servers->get($page);
    [$body, $headers] = $servers->get($page);
    $visits = $page === 'none' ? '0' : '2';
    if ($body !== $first || !str_contains($body, 'All together') || $headers['X-Visits'] !== $visits) {
        throw new UnexpectedValueException("/$page does not answer as it should:\n$body");
    }

    return $body;
}

/** Requests a second. */
function driven(string $url, int $seconds, int $connections): float
{
    $command = [tool('wrk'), '-t1', "-c$connections", "-d{$seconds}s", $url];
    $process = proc_open($command, [['file', '/dev/null', 'r'], ['pipe', 'w']], $pipes);
    $output = stream_get_contents($pipes[1]);
    proc_close($process);
    $rate = preg_match('~^Requests/sec:\s*([\d.]+)~m', $output, $match) ? (float) $match[1] : 0.0;
    if ($rate === 0.0 || preg_match('/Non-2xx|Socket errors/', $output)) {
        throw new UnexpectedValueException("wrk says:\n$output");
    }

    return $rate;
}

[, $work, $rounds, $seconds, $pages] = $argv;
$pages = explode(',', $pages);
$processors = preg_match_all('/^processor\s*:/m', (string) file_get_contents('/proc/cpuinfo')) ?: 1;
$work .= '/page' . getmypid();
mkdir($work);
$servers = new Servers($work, dirname(__DIR__) . '/page', array_slice($argv, 5), $processors);
try {
    $bodies = array_map(static fn (string $page): string => checked($servers, $page), $pages);
    if (count(array_unique($bodies)) !== 1) {
        throw new UnexpectedValueException('the pages differ');
    }
    $rates = [];
    for ($i = 0; $i < $rounds; ++$i) {
        foreach ($i % 2 ? array_reverse($pages) : $pages as $page) {
            $rates[$page][] = driven("http://127.0.0.1:$servers->port/$page", (int) $seconds, 2 * $processors);
        }
    }
} finally {
    $servers->stop();
}
echo json_encode(array_map(median(...), $rates), JSON_PRESERVE_ZERO_FRACTION | JSON_THROW_ON_ERROR);
