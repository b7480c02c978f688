<?php

/*
 * A sync server's collections behind the cache: three devices of one user, each served by a process of its own.
 *   php -d cache.enable_cli=1 php_src/examples/sync-server/run.php [--lock=cache|database] [DSN]
 * The database is SQLite in a temporary file, or what the DSN names. Needs pcntl, posix and PDO.
 *
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Examples\SyncServer;

use SharedCache\Pool;
use SharedCache\Storage\CachedStorage;
use SharedCache\Storage\PdoStorage;

require_once __DIR__ . '/../../autoload.php';
foreach (['Acts', 'CountedStatement', 'Device', 'SyncServer'] as $class) {
    require_once __DIR__ . "/$class.php";
}

$options = getopt('', ['lock:'], $rest);
$cacheLock = ($options['lock'] ?? 'cache') === 'cache';
if (!Pool::isEnabled()) {
    fwrite(STDERR, "The cache is not to be had: is cache.enable_cli on?\n");
    exit(1);
}
$file = $argv[$rest] ?? null ? null : tempnam(sys_get_temp_dir(), 'sync');
$dsn = $argv[$rest] ?? "sqlite:$file";
$prefix = 'example-' . getmypid();

$connect = static function () use ($dsn): \PDO {
    $pdo = new \PDO($dsn);
    $pdo->setAttribute(\PDO::ATTR_STATEMENT_CLASS, [CountedStatement::class]);

    return $pdo;
};
(new PdoStorage($connect()))->createTables();
$open = static function () use ($connect, $prefix, $cacheLock): SyncServer {
    $source = new PdoStorage($connect());

    return new SyncServer(new CachedStorage($source, $prefix, ['bookmarks', 'meta'], ['tabs'], $cacheLock));
};
$laptop = new Device('laptop', $open);
$phone = new Device('phone', $open);
$tablet = new Device('tablet', $open);

$began = hrtime(true);
$say = static function (string $who, string $what) use ($began): void {
    printf("%6.0f ms  %-7s %s\n", (hrtime(true) - $began) / 1e6, $who, $what);
};
$failures = 0;
$expect = static function (bool $holds, string $what) use (&$failures): void {
    if (!$holds) {
        $failures++;
        echo "WRONG: $what\n";
    }
};

printf("Locks of the %s, %s.\n\n", $cacheLock ? 'cache' : 'database', strstr($dsn, ':', true));

$ids = array_map(static fn (int $i): string => "bookmark-$i", range(1, 50));
[$answer] = $laptop->do('request', 'POST', 'bookmarks', array_fill_keys($ids, 'version 0'));
$say('laptop', 'uploads ' . \count($ids) . " bookmarks: $answer[status]");
[$answer] = $phone->do('request', 'GET', 'bookmarks');
$say('phone', 'downloads ' . \count($answer['items']) . " bookmarks: $answer[status]");
$seen = $answer['timestamp'];
$laptop->do('request', 'POST', 'tabs', ['laptop' => 'https://example.org/']);
[$answer] = $tablet->do('request', 'GET', 'tabs');
$say('tablet', "sees the laptop's tab, which is in the cache only: " . $answer['items']['laptop']);

echo "\nWhat has changed? Each device asks 2,000 times, all at once.\n";
foreach ([$laptop, $phone, $tablet] as $device) {
    $device->begin('askOften', 2000);
}
foreach ([$laptop, $phone, $tablet] as $device) {
    [$collections, $time, $statements] = $device->end();
    $say($device->name, sprintf('%d collections, %.1f µs a request, %d statements of the database', $collections, $time, $statements));
    $expect($collections === 2, 'both collections are known');
}

echo "\nTwo read at the same time.\n";
$waits = [$phone->do('hold', 'bookmarks'), $tablet->do('hold', 'bookmarks')];
foreach ([[$phone, $waits[0]], [$tablet, $waits[1]]] as [$device, $wait]) {
    $say($device->name, sprintf('holds the lock for reading, after a wait of %.2f ms', $wait));
}
$laptop->begin('request', 'POST', 'bookmarks', ['bookmark-1' => 'version 1']);
$say('laptop', 'wants to write, and waits for both');
$phone->do('release');
$tablet->do('release');
[$answer, $wait] = $laptop->end();
$say('laptop', sprintf('has written: %d, after a wait of %.2f ms', $answer['status'], $wait));
[$answer] = $phone->do('request', 'POST', 'bookmarks', ['bookmark-1' => 'mine'], $seen);
$say('phone', "wants to write what it has made of the older state: $answer[status], it has to download first");
$expect($answer['status'] === 412, 'the phone is refused');

echo "\nThe laptop writes all bookmarks for half a second, again and again; the others read.\n";
$laptop->do('request', 'POST', 'bookmarks', array_fill_keys($ids, 'version 0'));
$laptop->begin('writeFor', 'bookmarks', $ids, 0.5);
$phone->begin('readFor', 'bookmarks', 0.5);
$tablet->begin('readFor', 'bookmarks', 0.5);
foreach ([$phone, $tablet] as $device) {
    [$requests, $longest, $halves] = $device->end();
    $say($device->name, sprintf('%d downloads, half of a write seen %d times, the longest wait %.1f ms', $requests, $halves, $longest));
    $expect($halves === 0, 'no half of a write is seen');
}
[$requests, $longest] = $laptop->end();
$say('laptop', sprintf('%d uploads, the longest wait %.1f ms', $requests, $longest));

echo "\nThe laptop's process is killed in the middle of a write.\n";
$laptop->do('dieWriting', 'bookmarks', ['bookmark-1' => 'killed']);
$say('laptop', 'is killed');
[$answer, $wait] = $phone->do('request', 'GET', 'bookmarks');
$state = $answer['items']['bookmark-1'] === 'killed' ? 'written' : 'not written';
$say('phone', sprintf('downloads %d bookmarks after a wait of %.1f ms: the first was %s', \count($answer['items']), $wait, $state));
[$answer, $wait] = $tablet->do('request', 'POST', 'bookmarks', ['bookmark-1' => 'from the tablet']);
$say('tablet', sprintf('writes: %d, after a wait of %.1f ms', $answer['status'], $wait));
[$answer] = $phone->do('request', 'GET', 'bookmarks');
$expect($answer['items']['bookmark-1'] === 'from the tablet', 'the phone sees what the tablet has written');

$laptop->stop();
$phone->stop();
$tablet->stop();
$stored = (new PdoStorage($connect()))->getItems(Acts::USER, 'bookmarks');
$payloads = array_combine($stored->ids(), array_map(static fn ($item) => $item->payload, $stored->items));
$expect($payloads === $answer['items'], 'the cache shows what the database has');
echo "\nThe cache ", $payloads === $answer['items'] ? 'shows what the database has' : 'DIFFERS FROM THE DATABASE', ".\n";

(new PdoStorage($connect()))->deleteStorage(Acts::USER);
(new Pool($prefix))->clear();
if ($file) {
    unlink($file);
}
exit($failures ? 1 : 0);
