<?php
/*
 * flow.php CASE INSERTS PROCESSES [SOCKET]: processes that all insert rows into one list, of which the first 50 are kept. Prints
 * {rate: inserts a second, exact: are those 50 rows the right ones?, tries: of an insert, the most of any}.
 *   index      SharedCache\Index\TopKIndex, without a database: what its transactions cost beside it
 *   marks      the same with the marks of a transaction, as a database's commit needs them
 *   merge      Pool::merge() of the list
 *   memcached  get with GET_EXTENDED, and cas until it succeeds, of php-memcached by a Unix socket
 */
declare(strict_types=1);

require __DIR__ . '/../lib/crew.php';
require __DIR__ . '/../../php_src/autoload.php';

use SharedCache\Index\BufferedCache;
use SharedCache\Index\ObjectStorage;
use SharedCache\Index\Order;
use SharedCache\Index\Sort;
use SharedCache\Index\TopKIndex;
use SharedCache\Index\UniqueFeatureIndex;
use SharedCache\Pool;

const LIMIT = 50;

/** Nothing is in it, and nobody asks twice. */
final class NoStorage implements ObjectStorage
{
    public function primaryKey(): array
    {
        return ['id'];
    }

    public function findMulti(array $queries, ?Sort $sort = null, ?int $limit = null, int $offset = 0): array
    {
        return array_fill(0, count($queries), []);
    }

    public function insert(array $row): array
    {
        return $row;
    }

    public function update(array $old, array $new): void
    {
    }

    public function remove(array $row): void
    {
    }

    public function isInTransaction(): bool
    {
        return false;
    }
}

/** A list's rows with one more. */
function inserted(array $rows, array $row): array
{
    $rows[] = $row;
    usort($rows, static fn (array $a, array $b): int => $b['updated'] <=> $a['updated'] ?: $b['id'] <=> $a['id']);

    return array_slice($rows, 0, LIMIT);
}

/** @return Closure(array): int inserts a row, and says how many tries that took */
function inserter(string $case, string $socket): Closure
{
    if ($case === 'index' || $case === 'marks') {
        $cache = new BufferedCache(new Pool('flow'));
        $storage = new NoStorage();
        $primary = new UniqueFeatureIndex($cache, $storage, 'topic', ['id']);
        $index = new TopKIndex($cache, $storage, 'list', ['board'], ['updated'], Order::Desc, LIMIT, $primary);
        $index->find(['board' => 1]);
        $object = new stdClass();
        $marks = $case === 'marks';

        return static function (array $row) use ($cache, $index, $object, $marks): int {
            if ($marks) {
                $cache->join();
            }
            $index->onAfterInsert($object, $row + ['board' => 1, 'title' => 'A topic of the board']);
            if ($marks) {
                $cache->prepare();
                $cache->finish();
            }

            return 1;
        };
    }
    if ($case === 'merge') {
        $pool = new Pool('flow');

        return static function (array $row) use ($pool): int {
            $tries = 0;
            $pool->merge('list', static function (?array $rows) use ($row, &$tries): array {
                ++$tries;

                return inserted($rows ?? [], $row);
            });

            return $tries;
        };
    }
    $memcached = new Memcached();
    $memcached->addServer($socket, 0);
    $memcached->add('list', []);

    return static function (array $row) use ($memcached): int {
        $tries = 0;
        do {
            ++$tries;
            $got = $memcached->get('list', null, Memcached::GET_EXTENDED);
        } while (!$memcached->cas($got['cas'], 'list', inserted($got['value'], $row)));

        return $tries;
    };
}

/** The list as it lies there. */
function listed(string $case, string $socket): array
{
    if ($case === 'memcached') {
        $memcached = new Memcached();
        $memcached->addServer($socket, 0);

        return $memcached->get('list');
    }
    $pool = new Pool('flow');

    return $pool->get($case === 'merge' ? 'list' : 'index:list:1:=1');
}

[, $case, $inserts, $processes] = $argv;
$socket = $argv[4] ?? '';
/* Each row is newer than those that its process has inserted before, as the posts of a wiki are: each one changes the list. */
$row = static fn (int $number): array => [
    'id' => $number,
    'updated' => 1_700_000_000 + $number % $inserts * $processes + intdiv($number, (int) $inserts),
];
$job = static fn (int $process): Closure => static function (float $start) use ($case, $inserts, $socket, $process, $row): array {
    $insert = inserter($case, $socket);
    $tries = 0;
    awaitTime($start);
    for ($i = 0; $i < $inserts; ++$i) {
        $tries = max($tries, $insert($row($process * $inserts + $i)));
    }

    return ['seconds' => hrtime(true) / 1e9 - $start, 'tries' => $tries];
};
$results = crew(array_map($job, range(0, $processes - 1)));
$all = array_map($row, range(0, $inserts * $processes - 1));
usort($all, static fn (array $a, array $b): int => $b['updated'] <=> $a['updated'] ?: $b['id'] <=> $a['id']);
echo json_encode([
    'rate' => $inserts * $processes / max(array_column($results, 'seconds')),
    'exact' => listed($case, $socket) === array_slice($all, 0, LIMIT),
    'tries' => max(array_column($results, 'tries')),
], JSON_THROW_ON_ERROR);
