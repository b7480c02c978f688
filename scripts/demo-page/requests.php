<?php

/*
 * requests.php PORT COUNT ORIGIN: requests of the page one after the other, and one line about them.
 * requests.php PORT COUNT ORIGIN FILE: goes on beyond COUNT for as long as the file exists.
 * Exit status 1 when one of them failed, or had its data from elsewhere than ORIGIN, or one of ORIGIN|ORIGIN.
 *
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

[, $port, $count, $expected, $file] = $argv + [4 => ''];
$milliseconds = $workers = $origins = $failed = [];
for ($i = 0; $i < $count || ($file !== '' && file_exists($file)); $i++) {
    clearstatcache();
    $context = stream_context_create(['http' => ['timeout' => 10, 'ignore_errors' => true]]);
    $body = @file_get_contents("http://127.0.0.1:$port/", false, $context);
    $headers = [];
    foreach ($http_response_header ?? [] as $line) {
        [$name, $value] = explode(': ', $line, 2) + [1 => ''];
        $headers[$name] = $value;
    }
    if ($body === false || !str_ends_with($body, "</table>\n") || !isset($headers['X-Origin'])) {
        $failed[] = $http_response_header[0] ?? 'no answer';
        continue;
    }
    $milliseconds[] = (float) $headers['X-Milliseconds'];
    $workers[$headers['X-Worker']] = true;
    $origins[$headers['X-Origin']] = ($origins[$headers['X-Origin']] ?? 0) + 1;
}
sort($milliseconds);
$n = count($milliseconds);
printf("%d answered, %d failed", $n, count($failed));
foreach ($origins as $origin => $times) {
    printf('; %d from the %s', $times, $origin);
}
if ($n === 1) {
    printf(": %.2f ms (%d packages, worker %d)\n", $milliseconds[0], $headers['X-Packages'], $headers['X-Worker']);
} elseif ($n > 1) {
    printf(
        ": median %.2f ms, 99 %% below %.2f ms (workers %s)\n",
        $milliseconds[intdiv($n, 2)],
        $milliseconds[intdiv($n * 99, 100)],
        implode(', ', array_keys($workers)),
    );
} else {
    echo "\n";
}
foreach (array_count_values($failed) as $reason => $times) {
    echo "  $times times: $reason\n";
}
exit($failed || array_diff(array_keys($origins), explode('|', $expected)) ? 1 : 0);
