<?php

/*
 * A page of a forum, as WoltLab Suite has it: eight visitors look at it all the time, an author writes posts, a worker counts.
 * Shows who built what, and how long visitors waited.
 *   php run.php [SECONDS]        3 by default. Needs the extensions cache and pcntl, and cache.enable_cli=1
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
declare(strict_types=1);

use wcf\system\cache\shared\RequestValues;
use wcf\system\cache\shared\SharedPool;

const VISITORS = 8;

$seconds = (float) ($argv[1] ?? 3);
$folder = sys_get_temp_dir() . '/forum-' . getmypid();
mkdir($folder, 0700);
putenv("FORUM_FOLDER=$folder");
require __DIR__ . '/forum.php';

if (SharedPool::get() === null) {
    fwrite(STDERR, "This PHP cannot use the cache: load the extension, and set cache.enable_cli=1.\n");
    exit(3);
}
Database::write('The first post');

/** @param callable(float $until): array $life @return array{int, resource} a process, and what it will tell */
function begin(string $who, float $until, callable $life): array
{
    [$here, $there] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    $process = pcntl_fork();
    if ($process === 0) {
        define('WHO', $who);
        fwrite($there, json_encode($life($until)));
        exit(0);
    }
    fclose($there);

    return [$process, $here];
}

/** Loads the page again and again. */
$visitor = static function (float $until): array {
    $waits = $seen = [];
    while (microtime(true) < $until) {
        RequestValues::forget(); // another request
        $begin = hrtime(true);
        $posts = (new StatisticsCache())->getCache()['posts'];
        $title = (new NewestPostCache())->getCache()['title'];
        $waits[] = (hrtime(true) - $begin) / 1e6;
        $seen["$posts posts, newest: $title"] = true;
        usleep(2000);
    }

    return ['waits' => $waits, 'seen' => array_keys($seen)];
};

/** Writes a post every 0.7 seconds. */
$author = static function (float $until): array {
    $waits = [];
    for ($number = 2; microtime(true) + 0.7 + 2 * Database::SLOW < $until; $number++) {
        usleep(700_000);
        $begin = hrtime(true);
        Database::write("Post number $number");
        (new NewestPostCache())->reset(); // after the commit
        $waits[] = (hrtime(true) - $begin) / 1e6;
    }

    return ['waits' => $waits];
};

// The worker is the command, as it runs on a server.
$settings = [];
foreach (['cache.segment', 'cache.segment_dir', 'cache.size'] as $name) {
    $settings[] = '-d';
    $settings[] = "$name=" . ini_get($name);
}
$extension = (string) getenv('CACHE_EXTENSION'); // where php.ini does not name it
$worker = proc_open(
    [
        PHP_BINARY,
        ...($extension === '' ? [] : ['-n', '-d', 'extension=posix', '-d', "extension=$extension"]),
        ...$settings,
        __DIR__ . '/../../bin/cache-worker',
        'run',
        '--bootstrap=' . __DIR__ . '/worker.php',
        '--processes=0',
        '--time-limit=' . ($seconds + 30),
        '-q',
    ],
    [['file', '/dev/null', 'r'], STDERR, STDERR],
    $pipes,
);

$until = microtime(true) + $seconds;
$visitors = [];
for ($i = 1; $i <= VISITORS; $i++) {
    $visitors[] = begin("visitor $i", $until, $visitor);
}
$writer = begin('author', $until, $author);

$waits = $seen = [];
foreach ($visitors as [$process, $channel]) {
    $told = json_decode(stream_get_contents($channel), true);
    pcntl_waitpid($process, $status);
    $first[] = array_shift($told['waits']);
    array_push($waits, ...$told['waits']);
    $seen += array_flip($told['seen']);
}
$written = json_decode(stream_get_contents($writer[1]), true)['waits'];
pcntl_waitpid($writer[0], $status);
proc_terminate($worker);
proc_close($worker);

sort($waits);
printf("%d visitors loaded %d pages in %.0f seconds\n\n", VISITORS, count($waits) + VISITORS, $seconds);
printf("%-14s %-10s %s\n", 'what', 'built by', 'times');
foreach (array_count_values(file("$folder/builds", FILE_IGNORE_NEW_LINES)) as $build => $times) {
    [$what, $who] = explode("\t", $build);
    printf("%-14s %-10s %d\n", $what, $who, $times);
}
printf("\nThe first page, when nothing was there: %.0f ms for each visitor\n", max($first));
printf("All other pages: %.3f ms in the middle, %.1f ms at most\n", $waits[intdiv(count($waits), 2)], end($waits));
if ($written) {
    printf("The author: %d posts, %.0f ms at most\n", count($written), max($written));
}
echo "\nWhat visitors saw:\n";
foreach (array_keys($seen) as $line) {
    echo "  $line\n";
}

SharedPool::get()->clear();
array_map(unlink(...), glob("$folder/*"));
rmdir($folder);
