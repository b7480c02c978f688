<?php
/*
 * drupal.php CASE KIND SECONDS FOLDER: Drupal's bins. Prints JSON.
 *   busy     six processes read 50 items a request, one writes 20 times a second: microseconds of the processor for a request, and how
 *            many of the writes to the fast backend were touches, in percent. KIND is DATA-VARIANT: arrays or strings, and
 *            database (alone), seed (three keys in APCu), chain, or machine: a chain of one machine
 *   dirty    the same in one process that writes before each request; only the requests are counted
 *   empty    KIND is shared or apcu: microseconds of emptying a bin of 100 items beside 100,000 others
 * The database is an SQLite file in FOLDER.
 */
declare(strict_types=1);

require __DIR__ . '/../lib/timing.php';
require __DIR__ . '/../lib/crew.php';
require __DIR__ . '/../lib/threekeys.php';
require __DIR__ . '/../../tests/drupal/bootstrap.php';

use Drupal\shared_cache\Cache\ChainedSharedBackend;
use Drupal\shared_cache\Cache\SharedBackend;
use Drupal\Tests\shared_cache\MemoryTags;
use Drupal\Tests\shared_cache\RequestTime;
use Drupal\Tests\shared_cache\SqliteBackend;

const ITEMS = 50;
const READERS = 6;
const WRITES_A_SECOND = 20;

[, $case, $kind, $seconds, $folder] = $argv;
$seconds = (float) $seconds;
$file = "$folder/drupal.sqlite";

/** Some 2.8 KB: a rendered part with what it depends on. */
function part(int $number, int $version = 0): array
{
    $rows = [];
    for ($row = 0; $row < 20; ++$row) {
        $rows["row $row"] = ['id' => $number * 100 + $row, 'name' => "Name of $number and $row", 'flags' => [true, false, $row]];
    }

    return ['#markup' => str_repeat("<li>$number</li>", 40), '#version' => $version, 'rows' => $rows];
}

function data(string $form, int $number, int $version = 0): array|string
{
    return $form === 'arrays' ? part($number, $version) : serialize(part($number, $version));
}

/** @return list<string> */
function ids(): array
{
    return array_map(static fn (int $i): string => "entity_view:node:$i:full:[theme]=olivero", range(0, ITEMS - 1));
}

/** What makes the bin that a request uses. */
function bin(string $variant, string $file): Closure
{
    $tags = new MemoryTags();
    $time = new RequestTime();
    $sqlite = new SqliteBackend($file, $tags, $time);
    $shared = in_array($variant, ['chain', 'machine'], true) ? new SharedBackend('render', 'site', $tags, $time) : null;
    $keys = new ThreeKeys('drupal.apcu_backend.11.4.0.' . str_repeat('0', 64) . ':render:');

    return match ($variant) {
        'database' => static fn (): object => $sqlite,
        'seed' => static fn (): object => new ThreeKeysChain($sqlite, $keys),
        'chain' => static fn (): object => new ChainedSharedBackend($sqlite, $shared, 'render', $sqlite),
        'machine' => static fn (): object => new ChainedSharedBackend($sqlite, $shared, 'render', $sqlite, oneMachine: true),
    };
}

function request(Closure $bin, array $ids): void
{
    $wanted = $ids;
    if (count($bin()->getMultiple($wanted)) !== ITEMS) {
        throw new LogicException('items are missing');
    }
}

/** Touches of all writes to the fast backend since the counters were $before, in percent; null: there is no fast backend. */
function touches(string $variant, array $before): ?float
{
    if ($variant === 'database') {
        return null;
    }
    if ($variant === 'seed') {
        return 100 * ThreeKeysChain::$writes[0] / max(1, ThreeKeysChain::$writes[1]);
    }
    $now = cache_info(true);
    $touched = $now['touches'] - $before['touches'] + $now['stores_unchanged'] - $before['stores_unchanged'];

    return 100 * $touched / max(1, $touched + $now['stores'] - $before['stores']);
}

$loop = static function () use ($case, $kind, $seconds, $file): array {
    [$form, $variant] = explode('-', $kind);
    $ids = ids();
    $fill = bin('database', $file)();
    foreach ($ids as $number => $cid) {
        $fill->set($cid, data($form, $number));
    }
    $writer = bin($variant, $file);
    $writer()->set($ids[0], data($form, 0, 1));
    usleep(20_000);
    // Twice: the first to fill, the second to be sure.
    request($writer, $ids);
    request($writer, $ids);
    $before = cache_info(true);
    ThreeKeysChain::$writes = [0, 0];
    if ($case === 'dirty') {
        $cpu = $requests = 0;
        for ($end = hrtime(true) / 1e9 + $seconds; hrtime(true) / 1e9 < $end; ++$requests) {
            $writer()->set($ids[$requests % ITEMS], data($form, $requests % ITEMS, $requests));
            $start = cpuSeconds();
            request($writer, $ids);
            $cpu += cpuSeconds() - $start;
        }

        return ['cpu' => 1e6 * $cpu / $requests, 'touches' => touches($variant, $before)];
    }
    $read = static function (float $start) use ($variant, $file, $ids, $seconds): array {
        $bin = bin($variant, $file);
        request($bin, $ids);
        ThreeKeysChain::$writes = [0, 0];
        awaitTime($start);
        $cpu = cpuSeconds();
        for ($requests = 0; hrtime(true) / 1e9 < $start + $seconds; ++$requests) {
            request($bin, $ids);
        }

        return [cpuSeconds() - $cpu, $requests, ThreeKeysChain::$writes];
    };
    $write = static function (float $start) use ($form, $variant, $file, $ids, $seconds): array {
        $bin = bin($variant, $file);
        for ($round = 0; $round < $seconds * WRITES_A_SECOND; ++$round) {
            awaitTime($start + $round / WRITES_A_SECOND);
            $number = $round * 7 % ITEMS;
            $bin()->set($ids[$number], data($form, $number, $round + 2));
        }

        return [0, 0, [0, 0]];
    };
    $results = crew([...array_fill(0, READERS, $read), $write]);
    foreach ([0, 1] as $i) {
        ThreeKeysChain::$writes[$i] = array_sum(array_column(array_column($results, 2), $i));
    }

    return [
        'cpu' => 1e6 * array_sum(array_column($results, 0)) / array_sum(array_column($results, 1)),
        'touches' => touches($variant, $before),
    ];
};

$empty = static function () use ($kind): array {
    $apcu = $kind === 'apcu';
    $others = array_fill_keys(array_map(static fn (int $i): string => "foreign:$i", range(1, 100_000)), 'x');
    $apcu ? apcu_store($others) : (new SharedCache\Pool('foreign'))->setMulti($others);
    $bin = $apcu ? null : new SharedBackend('render', 'site', new MemoryTags(), new RequestTime());
    $items = array_fill_keys(array_map(static fn (int $i): string => "bin:$i", range(1, 100)), 'x');
    $times = [];
    for ($i = 0; $i < 20; ++$i) {
        $apcu ? apcu_store($items) : $bin->setMultiple(array_map(static fn (string $x): array => ['data' => $x], $items));
        $start = hrtime(true);
        $apcu ? apcu_delete(new APCUIterator('/^bin:/')) : $bin->deleteAll();
        $times[] = hrtime(true) - $start;
    }
    if ($apcu ? apcu_exists('bin:1') || !apcu_exists('foreign:1') : $bin->get('bin:1', true)) {
        throw new LogicException('the bin was not emptied');
    }

    return ['time' => median($times) / 1e3];
};

echo json_encode($case === 'empty' ? $empty() : $loop(), JSON_THROW_ON_ERROR);
