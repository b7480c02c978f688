<?php

declare(strict_types=1);

namespace SharedCache\Tests\Flow;

/** A connection that stops where a test wants it to. Writers queue up instead of failing. */
final class Database extends \PDO
{
    /** @var \Closure(): void|null */
    public ?\Closure $beforeCommit = null;
    /** @var \Closure(): void|null */
    public ?\Closure $afterCommit = null;
    private bool $begun = false;

    public function __construct(string $file)
    {
        parent::__construct("sqlite:$file", options: [\PDO::ATTR_TIMEOUT => 20]);
        $this->exec('PRAGMA synchronous = OFF');
    }

    /** With the write lock from the beginning on: SQLite lets nobody upgrade who has read before another one wrote. */
    public function beginTransaction(): bool
    {
        return $this->begun = $this->exec('BEGIN IMMEDIATE') !== false;
    }

    public function commit(): bool
    {
        $this->beforeCommit?->__invoke();
        $this->exec('COMMIT');
        $this->begun = false;
        $this->afterCommit?->__invoke();

        return true;
    }

    public function rollBack(): bool
    {
        $this->begun = false;

        return $this->exec('ROLLBACK') !== false;
    }

    public function inTransaction(): bool
    {
        return $this->begun;
    }
}
