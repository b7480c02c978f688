<?php
/*
 * library.php CASE COUNT: the library in php_src. Prints JSON.
 *   calls   what a call of the library costs beyond the function beneath, in nanoseconds: medians of COUNT pairs of rounds that
 *           follow each other, so that a machine that does other things, too, disturbs both alike
 *   clear   microseconds of Pool::clear() of 100 entries beside 100,000 others, median of COUNT
 */
declare(strict_types=1);

use SharedCache\Bridge\Symfony\TagAwareCache;
use SharedCache\Pool;
use SharedCache\Psr\CacheItemPool;
use SharedCache\Psr\SimpleCache;

require __DIR__ . '/../lib/statistics.php';
require __DIR__ . '/../../php_src/autoload.php';
require __DIR__ . '/../../tests/php/support/version3.php';

const ROUND = 500;

[, $case, $count] = $argv;

/** @return array{bare: array{name: string, time: float}, added: float} */
function compare(string $name, Closure $bare, Closure $call, Closure $nothing, int $pairs): array
{
    $times = $added = [];
    for ($i = 0; $i < $pairs; ++$i) {
        $loop = timeOf($nothing);
        $one = timeOf($bare);
        $times[] = $one - $loop;
        $added[] = timeOf($call) - $one;
    }

    return ['bare' => ['name' => $name, 'time' => median($times)], 'added' => median($added)];
}

function timeOf(Closure $round): float
{
    $begin = hrtime(true);
    $round();

    return (hrtime(true) - $begin) / ROUND;
}

function calls(int $pairs): array
{
    $pool = new Pool('bench', ttl: 3600);
    $simple = new SimpleCache($pool);
    $items = new CacheItemPool($pool);
    $symfony = new TagAwareCache(new Pool('symfony', ttl: 3600));
    $key = 'item:1234';
    $psr = 'item.1234';
    foreach (["bench:$key", "bench:$psr"] as $name) {
        cache_store($name, 7, 3600, tags: ['bench']);
    }
    $make = static fn (): int => 7;
    $symfony->get($psr, $make);
    $calls = [
        'Pool::get()' => ['cache_fetch()', static function () use ($key): void {
            $name = "bench:$key";
            for ($i = 0; $i < ROUND; ++$i) {
                cache_fetch($name);
            }
        }, static function () use ($pool, $key): void {
            for ($i = 0; $i < ROUND; ++$i) {
                $pool->get($key);
            }
        }],
        'PSR-16 get()' => ['cache_fetch()', static function () use ($psr): void {
            $name = "bench:$psr";
            for ($i = 0; $i < ROUND; ++$i) {
                cache_fetch($name);
            }
        }, static function () use ($simple, $psr): void {
            for ($i = 0; $i < ROUND; ++$i) {
                $simple->get($psr);
            }
        }],
        'PSR-6 getItem()->get()' => ['cache_fetch()', static function () use ($psr): void {
            $name = "bench:$psr";
            for ($i = 0; $i < ROUND; ++$i) {
                cache_fetch($name);
            }
        }, static function () use ($items, $psr): void {
            for ($i = 0; $i < ROUND; ++$i) {
                $items->getItem($psr)->get();
            }
        }],
        "Symfony's get()" => ['cache_fetch()', static function () use ($psr): void {
            $name = "bench:$psr";
            for ($i = 0; $i < ROUND; ++$i) {
                cache_fetch($name);
            }
        }, static function () use ($symfony, $psr, $make): void {
            for ($i = 0; $i < ROUND; ++$i) {
                $symfony->get($psr, $make);
            }
        }],
        'Pool::compute()' => ['cache_compute()', static function () use ($key, $make): void {
            $name = "bench:$key";
            for ($i = 0; $i < ROUND; ++$i) {
                cache_compute($name, $make);
            }
        }, static function () use ($pool, $key, $make): void {
            for ($i = 0; $i < ROUND; ++$i) {
                $pool->compute($key, $make);
            }
        }],
        'Pool::fetch()' => ['cache_fetch_stale()', static function () use ($key): void {
            $name = "bench:$key";
            for ($i = 0; $i < ROUND; ++$i) {
                cache_fetch_stale($name, $state, $lease, 30);
            }
        }, static function () use ($pool, $key): void {
            for ($i = 0; $i < ROUND; ++$i) {
                $pool->fetch($key);
            }
        }],
        'Pool::set()' => ['cache_store()', static function () use ($key): void {
            $name = "bench:$key";
            for ($i = 0; $i < ROUND; ++$i) {
                cache_store($name, 7, 3600, 0, ['bench']);
            }
        }, static function () use ($pool, $key): void {
            for ($i = 0; $i < ROUND; ++$i) {
                $pool->set($key, 7);
            }
        }],
    ];
    $nothing = static function (): void {
        for ($i = 0; $i < ROUND; ++$i) {
        }
    };

    return array_map(static fn (array $call): array => compare($call[0], $call[1], $call[2], $nothing, $pairs), $calls);
}

function clear(int $rounds): array
{
    $foreign = new Pool('foreign');
    for ($i = 0; $i < 100_000; $i += 1000) {
        $foreign->setMulti(array_fill_keys(range($i, $i + 999), 'value'));
    }
    $pool = new Pool('pool');
    $times = [];
    for ($round = 0; $round < $rounds; ++$round) {
        $pool->setMulti(array_fill_keys(range(0, 99), 'value'));
        $begin = hrtime(true);
        $pool->clear();
        $times[] = (hrtime(true) - $begin) / 1e3;
        if ($pool->getMulti(range(0, 99)) || !$foreign->has('99999')) {
            throw new LogicException('clear() cleared too little, or too much');
        }
    }

    return ['median' => median($times)];
}

$result = match ($case) {
    'calls' => calls((int) $count),
    'clear' => clear((int) $count),
};
echo json_encode($result, JSON_THROW_ON_ERROR), "\n";
