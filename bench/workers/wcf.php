<?php
/*
 * wcf.php CASE LIBRARY SECONDS [WRITERS]: eight visitors load a page every two milliseconds that shows a value, whose building
 * takes 50 ms. With the library "cache" by the bridge to WoltLab Suite Core, with "apcu" as WoltLab's own classes do. Prints JSON:
 * how often the value was built, for how many occasions, and how long visitors waited for it, in ns.
 *   reset      an eager cache, which WRITERS change at once, twice a second; occasions: the changes
 *   expiry     a legacy builder whose lifetime is a second; occasions: the lifetimes
 *   grace      the same with SHARED_CACHE_GRACE: others than the one who builds get the old value
 *   tolerant   a tolerant cache with that lifetime, and a worker; occasions: the lifetimes
 *   cold       the eight want what is missing, at the same moment; occasions: how often
 */
declare(strict_types=1);

use SharedCache\Rebuild\Rebuilder;
use wcf\system\cache\eager\AbstractSharedEagerCache;
use wcf\system\cache\shared\RebuildQueue;
use wcf\system\cache\shared\RequestValues;
use wcf\system\cache\source\SharedCacheSource;
use wcf\system\cache\tolerant\AbstractSharedTolerantCache;

require __DIR__ . '/../lib/crew.php';
require __DIR__ . '/../lib/woltlab.php';
require __DIR__ . '/../../php_src/autoload.php';
require __DIR__ . '/../../tests/wcf/stubs/system/cache/source/ICacheSource.class.php';

spl_autoload_register(static function (string $class): void {
    $file = __DIR__ . '/../../php_src/bridges/wcf/lib/' . strtr(substr($class, 4), '\\', '/') . '.class.php';
    if (str_starts_with($class, 'wcf\\') && is_file($file)) {
        require $file;
    }
});

[, $case, $library, $seconds] = $argv;
$seconds = (float) $seconds;
$writers = (int) ($argv[4] ?? 0);
$ours = $library === 'cache';

const VISITORS = 8;
const BUILD_US = 50_000;
const THINK_US = 2_000;
const LIFETIME = 1;
const RESET_EVERY = 0.5;
define('TIME_NOW', time());
define('WCF_DIR', __DIR__);
define('SHARED_CACHE_QUEUE', 'bench');
define('SHARED_CACHE_GRACE', $case === 'grace' ? 60.0 : 0.0);
if ($case === 'grace') {
    $case = 'expiry';
}

$built = 0;

/** The expensive part. */
function build(): array
{
    $GLOBALS['built']++;
    usleep(BUILD_US);

    return ['posts' => 1_234_567, 'members' => 89_012];
}

final class Eager extends AbstractSharedEagerCache
{
    public function __construct(private readonly int $number = 0)
    {
    }

    protected function getCacheData(): array
    {
        return build();
    }
}

final class Tolerant extends AbstractSharedTolerantCache
{
    public function getLifetime(): int
    {
        return LIFETIME;
    }

    protected function rebuildCacheData(): array
    {
        return build();
    }
}

/** @return Closure(int): void one page */
function page(string $case, bool $ours): Closure
{
    $build = build(...);

    return match ([$case, $ours]) {
        ['reset', true], ['cold', true] => static function (int $number): void {
            RequestValues::forget();
            (new Eager($number))->getCache();
        },
        ['tolerant', true] => static function (): void {
            RequestValues::forget();
            (new Tolerant())->getCache();
        },
        ['expiry', true] => static function () use ($build): void {
            $source = new SharedCacheSource();
            if ($source->get('bench_Legacy', LIFETIME) === null) {
                $source->set('bench_Legacy', $build(), LIFETIME);
            }
        },
        ['reset', false], ['cold', false] => static fn (int $number) => (new Woltlab\EagerCache("E$number", $build))->getCache(),
        ['tolerant', false] => static fn () => (new Woltlab\TolerantCache('T', $build, LIFETIME))->getCache(),
        ['expiry', false] => static fn () => (new Woltlab\LegacyCache('L', $build, LIFETIME))->getCache(),
    };
}

$visitor = static function (float $start) use ($case, $ours, $seconds, &$built): array {
    $page = page($case, $ours);
    if ($case !== 'cold') {
        $page(0); // else the first page of each pays for memory that a forked process has to make its own
    }
    $built = 0;
    $waits = [];
    $number = 0;
    awaitTime($start);
    for ($until = $start + $seconds; hrtime(true) / 1e9 < $until;) {
        if ($case === 'cold') {
            $number++;
            awaitTime($start + $number * 0.1);
        }
        $begin = hrtime(true);
        $page($number);
        $waits[] = hrtime(true) - $begin;
        $case === 'cold' || usleep(THINK_US);
    }

    return ['built' => $built, 'waits' => $waits, 'occasions' => $number, 'asked' => Woltlab\TolerantCache::$asked];
};

$writer = static function (float $start) use ($ours, $seconds, &$built): array {
    $built = 0;
    $changes = 0;
    for ($at = $start + RESET_EVERY / 2; $at < $start + $seconds; $at += RESET_EVERY) {
        awaitTime($at);
        $ours ? (new Eager())->reset() : (new Woltlab\EagerCache('E0', build(...)))->rebuild();
        $changes++;
    }

    return ['built' => $built, 'waits' => [], 'occasions' => $changes, 'asked' => 0];
};

$worker = static function (float $start) use ($ours, $seconds, &$built): array {
    $built = 0;
    $rebuilder = $ours ? new Rebuilder(RebuildQueue::registry()) : null;
    $theirs = new Woltlab\TolerantCache('T', build(...), LIFETIME);
    while (hrtime(true) / 1e9 < $start + $seconds) {
        if (!$ours) {
            $theirs->work();
            usleep(1000);
        } elseif ($job = cache_queue_pop('bench', 0.1)) {
            $rebuilder->run($job);
        }
    }

    return ['built' => $built, 'waits' => [], 'occasions' => 0, 'asked' => 0];
};

if ($case !== 'cold') {
    page($case, $ours)(0); // the first value is there
}
$results = crew([
    ...array_fill(0, VISITORS, $visitor),
    ...array_fill(0, $case === 'reset' ? $writers : 0, $writer),
    ...array_fill(0, $case === 'tolerant' ? 1 : 0, $worker),
]);
$waits = array_merge(...array_column($results, 'waits'));
sort($waits);
echo json_encode([
    'builds' => array_sum(array_column($results, 'built')),
    'occasions' => match ($case) {
        'reset' => array_sum(array_column($results, 'occasions')),
        'cold' => max(array_column($results, 'occasions')),
        default => $seconds / LIFETIME,
    },
    'waited' => count(array_filter($waits, static fn (int $wait): bool => $wait > BUILD_US * 500)),
    'max' => end($waits),
    'p50' => $waits[intdiv(count($waits), 2)],
    'asked' => array_sum(array_column($results, 'asked')),
    'pushed' => $ours ? cache_queue_info('bench')['pushed'] ?? 0 : 0,
]), "\n";
