<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache;

use Drupal\Core\Database\Connection;

/** A connection to an SQLite file, of the stubs or of Drupal, and its transaction. */
final class Transactions
{
    public readonly Connection $connection;
    private mixed $transaction = null;

    public function __construct(string $file)
    {
        $this->connection = self::isReal() ? connectToSqlite($file) : new Connection($file);
    }

    public function pdo(): \PDO
    {
        return self::isReal() ? $this->connection->getClientConnection() : $this->connection->pdo;
    }

    public function begin(): void
    {
        self::isReal() ? $this->transaction = $this->connection->startTransaction() : $this->connection->begin();
    }

    public function end(bool $commit): void
    {
        if (!self::isReal()) {
            $this->connection->end($commit);
            return;
        }
        if (!$commit) {
            $this->transaction->rollBack();
        }
        $this->transaction = null;
    }

    private static function isReal(): bool
    {
        return getenv('DRUPAL_CORE') !== false && getenv('DRUPAL_CORE') !== '';
    }
}
