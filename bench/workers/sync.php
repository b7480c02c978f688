<?php
/*
 * sync.php CASE FOLDER ROUNDS SECONDS: SharedCache\Storage. Prints JSON.
 *   sqlite, mariadb   calls a second by name, behind the cache and with the database alone: medians of rounds that take turns, one process
 *   readers           two processes that hold a lock for reading for 1 ms at a time, and with a mutex in APCu: sections a second, of twice those
 *                     of one process alone, and attempts that were refused; both in percent, medians of rounds
 */
declare(strict_types=1);

use SharedCache\Storage\CachedStorage;
use SharedCache\Storage\ItemUpdate;
use SharedCache\Storage\PdoStorage;
use SharedCache\Storage\Storage;

require __DIR__ . '/../lib/statistics.php';
require __DIR__ . '/../lib/crew.php';
require __DIR__ . '/../../php_src/autoload.php';

[, $case, $folder, $rounds, $seconds] = $argv;

/** A database without collections; it goes with this process's group. */
function connect(string $kind, string $folder): PDO
{
    if ($kind === 'sqlite') {
        return new PDO("sqlite:$folder/sync-" . getmypid() . '.db');
    }
    mkdir("$folder/mariadb");
    $start = 'source "$0" && start_mariadb "$1" && echo started && { wait; } 2>/dev/null';
    $command = ['bash', '-c', $start, dirname(__DIR__, 2) . '/tests/sync/mariadb', "$folder/mariadb"];
    $GLOBALS['server'] = proc_open($command, [['file', '/dev/null', 'r'], ['pipe', 'w']], $pipes);
    if (fgets($pipes[1]) !== "started\n") {
        throw new RuntimeException('MariaDB has not started');
    }
    $pdo = new PDO("mysql:unix_socket=$folder/mariadb/socket");
    $pdo->exec('CREATE DATABASE sync');
    $pdo->exec('USE sync');

    return $pdo;
}

/** @return array<string, array{cached: float, alone: float}> */
function rates(PDO $pdo, int $rounds, float $seconds): array
{
    $source = new PdoStorage($pdo);
    $source->createTables();
    $storages = ['cached' => new CachedStorage($source, 'sync', ['meta'], ['tabs'], true), 'alone' => $source];
    foreach ($storages as $user => $storage) {
        foreach (range(1, 10) as $i) {
            $storage->setItems($user, "collection-$i", [new ItemUpdate('item', str_repeat('x', 100))]);
        }
        foreach (['meta', 'tabs'] as $collection) {
            $storage->setItems($user, $collection, array_map(
                static fn (int $i): ItemUpdate => new ItemUpdate("item-$i", str_repeat('x', 200)),
                range(1, 50),
            ));
        }
        $storage->getItems($user, 'meta');
    }
    $number = 0;
    $calls = [
        'timestamps of 12 collections' => static fn (Storage $s, string $u) => $s->getCollectionTimestamps($u),
        'timestamp of one' => static fn (Storage $s, string $u) => $s->getCollectionTimestamp($u, 'collection-1'),
        'total size' => static fn (Storage $s, string $u) => $s->getTotalSize($u),
        '50 items, write-through' => static fn (Storage $s, string $u) => $s->getItems($u, 'meta'),
        'one of 50 items, write-through' => static fn (Storage $s, string $u) => $s->getItem($u, 'meta', 'item-7'),
        '50 items, cache only' => static fn (Storage $s, string $u) => $s->getItems($u, 'tabs'),
        'lock for reading, and release' => static fn (Storage $s, string $u) => $s->lockForRead($u, 'meta')->release(),
        'write of an item, uncached' => static function (Storage $s, string $u) use (&$number) {
            $s->setItems($u, 'collection-1', [new ItemUpdate('item', 'number ' . ++$number)]);
        },
        'write of one of 50 items, write-through' => static function (Storage $s, string $u) use (&$number) {
            $s->setItems($u, 'meta', [new ItemUpdate('item-7', 'number ' . ++$number)]);
        },
        'write of one of 50 items, cache only' => static function (Storage $s, string $u) use (&$number) {
            $s->setItems($u, 'tabs', [new ItemUpdate('item-7', 'number ' . ++$number)]);
        },
    ];
    $rates = [];
    for ($round = 0; $round < $rounds; ++$round) {
        foreach ($calls as $name => $call) {
            // In turns, since the first of two that write finds less to be cleaned up.
            foreach ($round % 2 ? $storages : array_reverse($storages) as $kind => $storage) {
                $rates[$name][$kind][] = rate(static fn () => $call($storage, $kind), $seconds);
            }
        }
    }

    return array_map(static fn (array $kinds): array => array_map(median(...), $kinds), $rates);
}

/** Calls a second. */
function rate(callable $call, float $seconds): float
{
    $begin = hrtime(true);
    $end = $begin + (int) ($seconds * 1e9);
    for ($calls = 0; ($now = hrtime(true)) < $end; ++$calls) {
        $call();
    }

    return $calls / (($now - $begin) / 1e9);
}

/**
 * @param callable(): ?callable $acquire gives what releases, or null
 * @return array{share: float, refused: float}
 */
function readers(callable $acquire, int $rounds, float $seconds): array
{
    $run = static function (float $start) use ($acquire, $seconds): array {
        awaitTime($start);
        $sections = $refused = 0;
        for ($end = hrtime(true) + $seconds * 1e9; hrtime(true) < $end;) {
            if ($release = $acquire()) {
                usleep(1000);
                $release();
                ++$sections;
            } else {
                ++$refused;
                usleep(100);
            }
        }

        return [$sections, $refused];
    };
    for ($round = 0; $round < $rounds; ++$round) {
        $alone = crew([$run]);
        $both = crew([$run, $run]);
        $sections = array_sum(array_column($both, 0));
        $tries = $sections + array_sum(array_column($both, 1));
        $shares[] = 100 * $sections / (2 * $alone[0][0]);
        $refusals[] = 100 * array_sum(array_column($both, 1)) / $tries;
    }

    return ['share' => median($shares), 'refused' => median($refusals)];
}

if ($case === 'readers') {
    $open = static fn (): CachedStorage => new CachedStorage(new PdoStorage(new PDO('sqlite::memory:')), 'sync', [], [], true, 300, 0);
    $result = ['cache' => readers(static function () use ($open): ?callable {
        static $storage;
        $storage ??= $open();
        try {
            return $storage->lockForRead('user', 'collection')->release(...);
        } catch (SharedCache\Storage\ConflictException) {
            return null;
        }
    }, (int) $rounds, (float) $seconds)];
    if (function_exists('apcu_add')) {
        $result['apcu'] = readers(
            static fn (): ?callable => apcu_add('user:lock:collection', true, 300) ? static fn () => apcu_delete('user:lock:collection') : null,
            (int) $rounds,
            (float) $seconds,
        );
    }
} else {
    $result = rates(connect($case, $folder), (int) $rounds, (float) $seconds);
}
echo json_encode($result, JSON_THROW_ON_ERROR);
if (isset($server)) {
    // What it had is removed with the folder.
    posix_kill((int) file_get_contents("$folder/mariadb/pid"), SIGKILL);
    proc_close($server);
}
