<?php

declare(strict_types=1);

namespace Tests\Wcf;

use SharedCache\Pool;
use SharedCache\Rebuild\Outcome;
use SharedCache\Rebuild\Rebuilder;
use SharedCache\State;
use SharedCache\Tests\Processes;
use wcf\system\cache\CacheHandler;
use wcf\system\cache\shared\AbstractSharedCache;
use wcf\system\cache\shared\CacheIdentity;
use wcf\system\cache\shared\RebuildQueue;
use wcf\system\cache\shared\RequestValues;
use wcf\system\cache\shared\SharedCacheSettings;
use wcf\system\cache\shared\SharedPool;
use wcf\system\cache\source\SharedCacheSource;

/** An empty cache, a source, and processes of each test's own. */
abstract class TestCase extends \PHPUnit\Framework\TestCase
{
    use Processes;

    protected const QUEUE = 'wcf-test';
    protected string $folder;
    /** Its own for each test: what is older than the last flush of a pool is never seen. */
    protected string $prefix;

    protected function setUp(): void
    {
        cache_clear();
        $this->emptyQueue();
        $this->prefix = bin2hex(random_bytes(6));
        $this->folder = getenv('CACHE_TEST_FOLDER') . "/$this->prefix";
        mkdir($this->folder);
        Source::open($this->folder);
        $this->configure();
    }

    protected function tearDown(): void
    {
        $this->endProcesses();
        // Jobs of dead workers are ready.
        $this->await(static fn (): bool => (cache_queue_info(self::QUEUE)['running'] ?? 0) === 0, 'no job runs');
        $this->emptyQueue();
        SharedPool::configure(null);
    }

    protected function configure(
        ?string $queue = null,
        float $wait = 5.0,
        float $lease = 30.0,
        int $claim = 60,
        bool $strict = true,
        float $grace = 0.0,
        float $refresh = 0.8,
    ): void {
        SharedPool::configure(new SharedCacheSettings($this->prefix, $queue, $refresh, $wait, $lease, $claim, $grace, $strict));
        // WCF's handler keeps the source that it has made first.
        (new \ReflectionProperty(CacheHandler::class, 'cacheSource'))->setValue(CacheHandler::getInstance(), new SharedCacheSource());
    }

    protected static function pool(): Pool
    {
        return SharedPool::get();
    }

    protected static function key(AbstractSharedCache $cache): string
    {
        return CacheIdentity::of($cache)->key;
    }

    /** What another request would see. */
    protected static function see(AbstractSharedCache $cache): array
    {
        RequestValues::forget();

        return $cache->getCache();
    }

    /** Puts a value into the cache that is that many seconds old. */
    protected static function putAged(AbstractSharedCache $cache, array $value, float $age): void
    {
        self::pool()->set(
            self::key($cache),
            [$began = Pool::now() - (int) ($age * 1e6), $value],
            $cache->freshFor(),
            INF,
            stamp: $began,
        );
    }

    protected static function assertFresh(array $value, AbstractSharedCache $cache, string $what = ''): void
    {
        $found = self::pool()->peek(self::key($cache));
        self::assertSame(State::Fresh, $found->state, $what);
        self::assertSame($value, $found->value[1]);
    }

    protected static function assertStale(array $value, AbstractSharedCache $cache): void
    {
        $found = self::pool()->peek(self::key($cache));
        self::assertSame(State::Stale, $found->state);
        self::assertSame($value, $found->value[1]);
    }

    /** Jobs that wait. */
    protected static function waiting(): int
    {
        return cache_queue_info(self::QUEUE)['waiting'] ?? 0;
    }

    /** Does the next job in this process. */
    protected static function work(float $wait = 5.0, float $lease = 60.0): ?Outcome
    {
        $job = cache_queue_pop(self::QUEUE, $wait, $lease);

        return $job === null ? null : (new Rebuilder(RebuildQueue::registry(), $lease))->run($job);
    }

    /** A worker in a process of its own that does one job, stops in its builder, and says how it ended. */
    protected function forkWorker(float $lease = 60.0): int
    {
        return $this->fork(static function (callable $say, callable $wait) use ($lease): ?Outcome {
            self::stopBuilders($say, $wait);

            return self::work(5.0, $lease);
        });
    }

    /** Builders of this process say where they are, and wait until they are let go. */
    protected static function stopBuilders(callable $say, callable $wait): void
    {
        Source::$stop = static function (string $point) use ($say, $wait): void {
            $say($point);
            $wait();
        };
    }

    /** Lets a child go on to its next stop, or its end. */
    protected function step(int $process): mixed
    {
        $this->letGo($process);

        return $this->hear($process);
    }

    protected function await(callable $condition, string $what): void
    {
        for ($until = microtime(true) + 10; !$condition(); usleep(1000)) {
            if (microtime(true) > $until) {
                self::fail("It did not come to pass that $what");
            }
        }
        $this->addToAssertionCount(1);
    }

    /** What a script prints that runs in a PHP of its own, with WCF as the tests see it. */
    protected function php(string $code, array $settings = [], bool $extension = true): string
    {
        $settings += ['cache.segment' => getenv('CACHE_TEST_SEGMENT'), 'cache.enable_cli' => '1', 'display_errors' => '1'];
        $command = [getenv('CACHE_TEST_PHP'), '-n', '-d', 'extension=posix.so'];
        if ($extension) {
            array_push($command, '-d', 'extension=' . getenv('CACHE_TEST_EXTENSION'));
        }
        foreach ($settings as $name => $value) {
            array_push($command, '-d', "$name=$value");
        }
        $start = sprintf('require %s; Tests\Wcf\Source::open(%s); ', ...array_map(
            static fn (string $text): string => var_export($text, true),
            [dirname(__DIR__) . '/bootstrap.php', $this->folder],
        ));
        $process = proc_open([...$command, '-r', $start . $code], [1 => ['pipe', 'w'], 2 => ['redirect', 1]], $pipes);
        $output = stream_get_contents($pipes[1]);
        proc_close($process);

        return $output;
    }

    private function emptyQueue(): void
    {
        cache_queue_purge(self::QUEUE);
        cache_queue_purge(self::QUEUE, true);
    }
}
