<?php

/*
 * A render cache under the dirty loop: an editor saves a block 20 times a second, and each time the whole bin counts as outdated. Four
 * processes serve pages of 50 blocks meanwhile, first with the database alone, then with shared memory in front of it.
 *
 *   php -d extension=cache -d cache.enable_cli=1 run.php [SECONDS]
 *
 * Needs pcntl and pdo_sqlite, and Drupal's interfaces: those of tests/drupal/stubs, or of DRUPAL_CORE=/path/to/drupal/core.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
declare(strict_types=1);

use Drupal\Core\Cache\CacheBackendInterface;
use Drupal\shared_cache\Cache\ChainedSharedBackend;
use Drupal\shared_cache\Cache\SharedBackend;
use Drupal\Tests\shared_cache\MemoryTags;
use Drupal\Tests\shared_cache\RequestTime;
use Drupal\Tests\shared_cache\SqliteBackend;
use SharedCache\Pool;

require __DIR__ . '/../../../tests/drupal/bootstrap.php';

const BLOCKS = 50;
const SERVERS = 4;
const SAVES_A_SECOND = 20;

$seconds = (float) ($argv[1] ?? 2);
// In memory, so that the disk is left out of it.
$file = (is_writable('/dev/shm') ? '/dev/shm' : sys_get_temp_dir()) . '/render-cache-' . getmypid() . '.sqlite';
if (!Pool::isEnabled()) {
    fwrite(STDERR, "The cache is not to be had: -d extension=cache -d cache.enable_cli=1\n");
    exit(1);
}
printf("%d processes serve pages of %d blocks for %s s; an editor saves %d blocks a second.\n", SERVERS, BLOCKS, $seconds, SAVES_A_SECOND);
try {
    foreach (['the database alone' => false, 'shared memory in front of it' => true] as $name => $chained) {
        show($name, $chained, measure($chained, $seconds, $file));
    }
} finally {
    array_map(unlink(...), glob("$file*"));
}

/** What a theme has made of a block. */
function block(int $number, int $version): array
{
    $rows = array_map(static fn (int $i): array => ['title' => "Line $i of block $number", 'url' => "/node/$i"], range(1, 20));

    return ['#markup' => str_repeat("<p>Block $number</p>", 40), 'version' => $version, 'links' => $rows];
}

/** @return list<string> */
function blocks(): array
{
    return array_map(static fn (int $i): string => "block:$i:[theme]=olivero", range(0, BLOCKS - 1));
}

/** What makes the bin that a request uses, and the database behind it. */
function bin(bool $chained, string $file): array
{
    $database = new SqliteBackend($file, $tags = new MemoryTags(), $time = new RequestTime());
    $shared = new SharedBackend('render', 'example', $tags, $time);

    return [
        static fn (): CacheBackendInterface => $chained
            ? new ChainedSharedBackend($database, $shared, 'render', $database)
            : $database,
        $database,
    ];
}

/** @return list<array> what each server has seen */
function measure(bool $chained, float $seconds, string $file): array
{
    [$bin] = bin($chained, $file);
    foreach (blocks() as $number => $cid) {
        $bin()->set($cid, block($number, 0));
    }
    // Which version of a block has been saved: pages that are begun afterwards must not show an older one.
    $saved = new Pool('saved');
    $saved->clear();
    $ids = blocks();
    $bin()->getMultiple($ids);
    $end = microtime(true) + 0.1 + $seconds;
    $pipes = [];
    for ($server = 0; $server <= SERVERS; $server++) {
        [$pipes[], $mine] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
        if (pcntl_fork() === 0) {
            fwrite($mine, json_encode($server < SERVERS ? serve($chained, $file, $saved, $end) : edit($chained, $file, $saved, $end)));
            exit;
        }
        fclose($mine);
    }
    $results = array_map(static fn ($pipe): array => json_decode(stream_get_contents($pipe), true), $pipes);
    while (pcntl_wait($status) > 0) {
    }
    array_pop($results);

    return $results;
}

function edit(bool $chained, string $file, Pool $saved, float $end): array
{
    [$bin] = bin($chained, $file);
    for ($version = 1; microtime(true) < $end; $version++) {
        $number = $version * 7 % BLOCKS;
        $bin()->set(blocks()[$number], block($number, $version));
        $saved->set((string) $number, $version);
        usleep(intdiv(1_000_000, SAVES_A_SECOND));
    }

    return [];
}

function serve(bool $chained, string $file, Pool $saved, float $end): array
{
    [$bin, $database] = bin($chained, $file);
    $numbers = range(0, BLOCKS - 1);
    $ids = blocks();
    $waits = [];
    $old = 0;
    $before = cache_info(true);
    $cpu = processor();
    while (microtime(true) < $end) {
        $least = $saved->getMulti($numbers);
        $begin = hrtime(true);
        $wanted = $ids;
        $page = $bin()->getMultiple($wanted);
        $waits[] = hrtime(true) - $begin;
        foreach ($least as $number => $version) {
            $old += (int) ($page[$ids[$number]]->data['version'] < $version);
        }
    }
    sort($waits);

    return [
        'pages' => count($waits),
        'cpu' => (processor() - $cpu) * 1e6 / count($waits),
        'median' => $waits[intdiv(count($waits), 2)] / 1e3,
        'p99' => $waits[(int) (count($waits) * 0.99)] / 1e3,
        'old' => $old,
        'blocks' => $database->counts['items'],
        'versions' => $database->counts['versions'],
        // Of all processes.
        'touches' => cache_info(true)['touches'] - $before['touches'],
        'stores' => cache_info(true)['stores'] - $before['stores'],
    ];
}

/** Seconds of the processor that this process has used. */
function processor(): float
{
    $usage = getrusage();

    return $usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec'] + ($usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec']) / 1e6;
}

/** @param list<array> $servers */
function show(string $name, bool $chained, array $servers): void
{
    $sum = static fn (string $what): int => array_sum(array_column($servers, $what));
    $mean = static fn (string $what): float => array_sum(array_column($servers, $what)) / count($servers);
    printf("\nWith %s:\n", $name);
    printf("  %6d pages, %.0f µs of the processor each; a page waited %.0f µs (median), %.0f µs (99 %%)\n", $sum('pages'), $mean('cpu'), $mean('median'), $mean('p99'));
    printf("  %6d blocks came from the database, of %d more it was asked for the version alone\n", $sum('blocks'), $sum('versions'));
    if ($chained) {
        printf("  %6d blocks were renewed by their stamp, %d entries were written\n", max(array_column($servers, 'touches')), max(array_column($servers, 'stores')));
    }
    printf("  %6d blocks were older than what had been saved when their page began\n", $sum('old'));
}
