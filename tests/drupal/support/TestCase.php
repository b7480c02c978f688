<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache;

use Drupal\shared_cache\Cache\ChainedSharedBackend;
use Drupal\shared_cache\Cache\SharedBackend;
use SharedCache\Pool;

/** An empty cache, tags, a request's time, and a database. */
abstract class TestCase extends \SharedCache\Tests\TestCase
{
    protected MemoryTags $tags;
    protected RequestTime $time;
    protected string $file;

    protected function setUp(): void
    {
        parent::setUp();
        $this->tags = new MemoryTags();
        $this->time = new RequestTime();
        $this->file = getenv('CACHE_TEST_WORK') . '/' . bin2hex(random_bytes(8)) . '.sqlite';
    }

    protected function tearDown(): void
    {
        parent::tearDown();
        array_map(unlink(...), glob("$this->file*"));
    }

    protected function shared(string $bin = 'render', bool $fills = false): SharedBackend
    {
        return new SharedBackend($bin, 'site', $this->tags, $this->time, $fills);
    }

    protected function sqlite(string $bin = 'render'): SqliteBackend
    {
        return new SqliteBackend($this->file, $this->tags, $this->time, "cache_$bin");
    }

    protected function chain(
        ?SqliteBackend $consistent = null,
        bool $versions = true,
        float $grace = 0.0,
        bool $oneMachine = false,
    ): ChainedSharedBackend {
        $consistent ??= $this->sqlite();
        $versions = $versions ? $consistent : null;

        return new ChainedSharedBackend($consistent, $this->shared(), 'render', $versions, $grace, oneMachine: $oneMachine);
    }

    /** The pool of a bin, to look at its entries. */
    protected function pool(string $bin = 'render'): Pool
    {
        $site = substr(rtrim(strtr(base64_encode(hash('sha256', 'site', true)), '+/', '-_'), '='), 0, 22);

        return new Pool("drupal.$site.$bin", staleTtl: INF);
    }

    /**
     * What a call did in the cache.
     *
     * @return array<string, int> counters of the extension that changed, and by how much
     */
    protected static function counted(callable $call): array
    {
        $before = cache_info(true);
        $call();
        $changes = [];
        foreach (array_filter(cache_info(true), is_int(...)) as $counter => $value) {
            if ($counter !== 'entries' && $value !== $before[$counter]) {
                $changes[$counter] = $value - $before[$counter];
            }
        }

        return $changes;
    }

    /** Until the clock has gone on so far that the version of what was written before is unambiguous. */
    protected static function laterThanAmbiguous(): void
    {
        $end = Pool::now() + 4000;
        while (Pool::now() < $end) {
        }
    }
}
