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
    private function writer(): ChainedSharedBackend
    {
        $sqlite = new SqliteBackend($this->file, $this->tags, $this->time, pdo: $this->transactions->pdo());

        return new ChainedSharedBackend($sqlite, $this->shared(), 'render', $sqlite, 0.0, $this->connection);
    }

    /** @dataProvider ends */
    public function testOthersSeeAWriteWhenItIsCommitted(bool $commit): void
    {
        self::assertSame('v1', $this->chain()->get('a')->data);
        $writer = $this->writer();
        $this->transactions->begin();
        $writer->set('a', 'v2');
        $writer->delete('b');
        // Others read what was there before, and keep it, after the mark that was made within the transaction.
        self::assertSame('v1', $this->chain()->get('a')->data);
        self::laterThanAmbiguous();
        self::assertSame('v1', $this->chain()->get('a')->data);
        $this->transactions->end($commit);
        self::assertSame($commit ? 'v2' : 'v1', $this->chain()->get('a')->data);
        self::assertSame($commit ? 'v2' : 'v1', $this->writer()->get('a')->data);
    }

    public static function ends(): array
    {
        return ['commit' => [true], 'rollback' => [false]];
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
