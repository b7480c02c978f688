<?php
declare(strict_types=1);

/** Words of 64 bits in memory that forked processes share, outside of any cache: what was done survives a SIGKILL. */
final class Ledger
{
    private readonly Shmop $memory;

    public function __construct(int $words)
    {
        $this->memory = shmop_open(0, 'c', 0600, $words * 8);
    }

    public function get(int $word): int
    {
        return unpack('q', shmop_read($this->memory, $word * 8, 8))[1];
    }

    public function set(int $word, int $value): void
    {
        shmop_write($this->memory, pack('q', $value), $word * 8);
    }

    public function add(int $word, int $value): void
    {
        $this->set($word, $this->get($word) + $value);
    }

    public function raise(int $word, int $value): void
    {
        if ($value > $this->get($word)) {
            $this->set($word, $value);
        }
    }

    /** When the last process is gone, so is it. */
    public function removeWhenUnused(): void
    {
        shmop_delete($this->memory);
    }
}
