<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache;

use Drupal\Core\Cache\Cache;
use Drupal\shared_cache\Cache\SharedBackend;
use Drupal\shared_cache\Cache\SharedTagsChecksum;

/** Counts of tags in shared memory. A new object stands for a new request. */
final class SharedTagsChecksumTest extends TestCase
{
    private function checksum(): SharedTagsChecksum
    {
        return new SharedTagsChecksum('/root', 'sites/default', (new Transactions($this->file))->connection);
    }

    private function sum(string ...$tags): int
    {
        return $this->checksum()->getCurrentChecksum($tags);
    }

    private function counters(): \SharedCache\Pool
    {
        return new \SharedCache\Pool('drupal.tags.' . hash_hmac('sha256', '/root/sites/default', ''));
    }

    public function testACountChangesByInvalidationAlone(): void
    {
        $count = $this->sum('t', 'u');
        self::assertSame($count, $this->sum('t', 'u'));
        self::assertSame($count, $this->sum('u', 't'));
        self::assertTrue($this->checksum()->isValid($count, ['t', 'u']));
        self::assertTrue($this->checksum()->isValid((string) $count, ['t', 'u']), 'as a database gives it back');
        $this->checksum()->invalidateTags(['x', '7']);
        self::assertTrue($this->checksum()->isValid($count, ['t', 'u']));
        $this->checksum()->invalidateTags(['u']);
        self::assertFalse($this->checksum()->isValid($count, ['t', 'u']));
        self::assertGreaterThan($count, $this->sum('t', 'u'));
        self::assertSame(0, $this->sum());
        self::assertTrue($this->checksum()->isValid(0, []));
    }

    public function testAnInvalidationOfTheSameRequestIsSeen(): void
    {
        $checksum = $this->checksum();
        for ($i = 0; $i < 1000; $i++) {
            $count = $checksum->getCurrentChecksum(['t']);
            $checksum->invalidateTags(['t']);
            self::assertFalse($checksum->isValid($count, ['t']), "round $i");
        }
    }

    /** Counters are entries as others are, and may have to make room. */
    public function testACounterThatWasEvictedNeverComesToAnOldCount(): void
    {
        $counts = [];
        for ($i = 0; $i < 50; $i++) {
            $counts[] = $this->sum('t');
            if ($i % 2) {
                $this->checksum()->invalidateTags(['t']);
                $counts[] = $this->sum('t');
            }
            $this->counters()->delete('t');
        }
        self::assertSame($counts, array_unique($counts));
        // Also when nobody asked for it before it was invalidated.
        for ($i = 0; $i < 2; $i++) {
            $this->counters()->delete('t');
            $this->checksum()->invalidateTags(['t']);
            self::assertNotContains($count = $this->sum('t'), $counts);
            $counts[] = $count;
        }
    }

    public function testInvalidationsOfSeveralProcessesAllCount(): void
    {
        $first = $this->sum('t');
        $seen = $this->inParallel(4, function (): array {
            $counts = [];
            for ($i = 0; $i < 500; $i++) {
                $count = $this->sum('t');
                $this->checksum()->invalidateTags(['t']);
                $counts[] = $this->sum('t') > $count;
            }

            return array_unique($counts);
        });
        self::assertSame(array_fill(0, 4, [true]), $seen);
        self::assertGreaterThan($first, $this->sum('t'));
    }

    /** Of a count that is ahead of the clock each invalidation adds one. */
    public function testNoInvalidationIsLostToAnotherOne(): void
    {
        $this->counters()->set('t', $ahead = \SharedCache\Pool::now() + 1_000_000_000_000);
        $this->inParallel(4, function (): void {
            $checksum = $this->checksum();
            for ($i = 0; $i < 20_000; $i++) {
                $checksum->invalidateTags(['t']);
                $checksum->reset(); // the next request
            }
        });
        self::assertSame($ahead + 80_000, $this->sum('t'));
    }

    public function testBinsWithIt(): void
    {
        $bin = fn (string $bin): SharedBackend => new SharedBackend($bin, 'site', $this->checksum(), $this->time);
        foreach (['render', 'data'] as $name) {
            $bin($name)->set('a', 1, Cache::PERMANENT, ['t']);
            $bin($name)->set('b', 2, Cache::PERMANENT, ['u']);
        }
        $this->checksum()->invalidateTags(['t']);
        foreach (['render', 'data'] as $name) {
            self::assertFalse($bin($name)->get('a'));
            self::assertSame(2, $bin($name)->get('b')->data);
        }
    }

    public function testAProcessWithoutTheCacheSaysThatItsInvalidationIsLost(): void
    {
        $code = 'require ' . var_export(__DIR__ . '/bootstrap.php', true) . ';
            $connection = (new Drupal\Tests\shared_cache\Transactions(":memory:"))->connection;
            $checksum = new Drupal\shared_cache\Cache\SharedTagsChecksum("/", "", $connection);
            set_error_handler(function ($level, $text) { echo $level === E_USER_WARNING ? "warned\n" : $text; return true; });
            $count = $checksum->getCurrentChecksum(["t"]);
            $checksum->invalidateTags(["t"]);
            echo $count > 1e15 ? "no old count\n" : $count;';
        $command = [getenv('CACHE_TEST_PHP'), '-n'];
        foreach (['pdo', 'pdo_sqlite', getenv('CACHE_TEST_EXTENSION')] as $extension) {
            array_push($command, '-d', "extension=$extension");
        }
        $process = proc_open([...$command, '-d', 'cache.enable_cli=0', '-r', $code], [1 => ['pipe', 'w']], $pipes);
        self::assertSame("warned\nno old count\n", stream_get_contents($pipes[1]));
        proc_close($process);
    }
}
