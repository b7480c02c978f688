<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache;

use Drupal\Core\Cache\Cache;
use Drupal\Core\Database\Connection;
use Drupal\shared_cache\Cache\ChainedSharedBackend;
use Drupal\shared_cache\Cache\SharedTagsChecksum;

/** A chained bin, and counters of tags, while a transaction is open. */
final class TransactionTest extends TestCase
{
    private Connection $connection;
    private Transactions $transactions;

    protected function setUp(): void
    {
        parent::setUp();
        $this->chain()->set('a', 'v1');
        $this->chain()->get('a');
        $this->transactions = new Transactions($this->file);
        $this->connection = $this->transactions->connection;
    }

    /** The chain of the process that has the transaction. */
    private function writer(?float $created = null): ChainedSharedBackend
    {
        $sqlite = new SqliteBackend($this->file, $this->tags, $this->time, pdo: $this->transactions->pdo());
        $sqlite->created = $created;

        return new ChainedSharedBackend($sqlite, $this->shared(), 'render', $sqlite, 0.0, $this->connection);
    }

    /** @dataProvider ends */
    public function testOthersSeeAWriteWhenItIsCommitted(bool $commit): void
    {
        $this->chain()->set('b', 'v1');
        $writer = $this->writer();
        $this->transactions->begin();
        $writer->set('a', 'v2');
        $writer->delete('b');
        // Others read what was there before, and keep it, after the mark that was made within the transaction.
        for ($i = 0; $i < 2; $i++) {
            self::assertSame('v1', $this->chain()->get('a')->data);
            self::assertSame('v1', $this->chain()->get('b')->data);
            self::laterThanAmbiguous();
        }
        $this->transactions->end($commit);
        foreach ([$this->chain(), $this->writer()] as $chain) {
            self::assertSame($commit ? 'v2' : 'v1', $chain->get('a')->data);
            self::assertSame(!$commit, $chain->get('b') !== false);
        }
    }

    public static function ends(): array
    {
        return ['commit' => [true], 'rollback' => [false]];
    }

    /** The row that is committed looks like the one that was there. */
    public function testAVersionFromBeforeTheCommitIsNotTakenForThatAfterIt(): void
    {
        $created = microtime(true) - 1;
        $sqlite = $this->sqlite();
        $sqlite->created = $created;
        $this->chain($sqlite)->set('a', 'v1');
        $this->transactions->begin();
        $this->writer($created)->set('a', 'v2');
        self::assertSame('v1', $this->chain()->get('a')->data);
        $this->transactions->end(true);
        self::assertSame('v2', $this->chain()->get('a')->data);
    }

    public function testWhatIsReadInATransactionIsNotSharedWithOthers(): void
    {
        $this->transactions->begin();
        $writer = $this->writer();
        $writer->set('a', 'uncommitted');
        $writer->set('new', 'uncommitted');
        $counted = self::counted(function () use ($writer): void {
            self::assertSame('uncommitted', $writer->get('a')->data);
            self::assertSame('uncommitted', $this->writer()->get('new')->data);
        });
        self::assertArrayNotHasKey('stores', $counted);
        self::assertSame('v1', $this->chain()->get('a')->data);
        self::assertFalse($this->chain()->get('new'));
        $this->transactions->end(false);
        self::assertSame('v1', $this->chain()->get('a')->data);
        self::assertFalse($this->chain()->get('new'));
    }

    public function testTagsAreInvalidatedWhenTheTransactionIsCommitted(): void
    {
        $checksum = fn (): SharedTagsChecksum => new SharedTagsChecksum('/root', 'sites/default', $this->connection);
        foreach ([true, false] as $commit) {
            $mine = $checksum();
            $count = $checksum()->getCurrentChecksum(['t']);
            $this->transactions->begin();
            $mine->invalidateTags(['t']);
            self::assertSame(-1, $mine->getCurrentChecksum(['s', 't']));
            self::assertFalse($mine->isValid($count, ['t']));
            self::assertTrue($checksum()->isValid($count, ['t']), 'for others');
            $bin = new \Drupal\shared_cache\Cache\SharedBackend('render', 'site', $mine, $this->time);
            $bin->set('in it', 1, Cache::PERMANENT, ['t']);
            self::assertFalse($this->shared()->get('in it', true), 'nothing is stored');
            $this->transactions->end($commit);
            self::assertSame(!$commit, $checksum()->isValid($count, ['t']));
            self::assertSame(!$commit, $mine->isValid($count, ['t']));
        }
    }
}
