<?php

declare(strict_types=1);

namespace Tests;

/** A process that a test has started. What it prints goes into files, so that it never waits for a reader. */
final class Program
{
    /** @var resource */
    private mixed $process;
    private readonly string $out;
    private readonly string $err;
    private ?array $status = null;
    public readonly int $pid;

    /** @param list<string> $command */
    public function __construct(array $command, string $folder, array $environment = [], string $input = '/dev/null')
    {
        $this->out = tempnam($folder, 'out');
        $this->err = tempnam($folder, 'err');
        $this->process = proc_open(
            $command,
            [['file', $input, 'r'], ['file', $this->out, 'w'], ['file', $this->err, 'w']],
            $pipes,
            $folder,
            $environment + getenv(),
        );
        $this->pid = proc_get_status($this->process)['pid'];
    }

    public function out(): string
    {
        return file_get_contents($this->out);
    }

    public function err(): string
    {
        return file_get_contents($this->err);
    }

    /** @return list<array> the lines of the log, each a JSON object; a line that is none fails */
    public function log(?string $event = null): array
    {
        $lines = array_map(
            static fn (string $line): array => json_decode($line, true, 512, JSON_THROW_ON_ERROR),
            // The last one may still be being written.
            array_slice(explode("\n", $this->out()), 0, -1),
        );

        return array_values(array_filter($lines, static fn (array $line): bool => $event === null || $line['event'] === $event));
    }

    public function signal(int $signal): void
    {
        posix_kill($this->pid, $signal);
    }

    public function isRunning(): bool
    {
        return $this->status()['running'];
    }

    /** @return int the exit status; the negative number of the signal that killed it */
    public function wait(float $seconds = 15.0): int
    {
        $until = microtime(true) + $seconds;
        while ($this->isRunning()) {
            if (microtime(true) > $until) {
                throw new \RuntimeException("The process did not end.\n{$this->out()}\n{$this->err()}");
            }
            usleep(2000);
        }

        return $this->status['signaled'] ? -$this->status['termsig'] : $this->status['exitcode'];
    }

    /** With the processes that it has started. @return list<int> these */
    public function kill(): array
    {
        if (!$this->isRunning()) {
            return [];
        }
        // Stopped, it starts no more of them.
        posix_kill($this->pid, SIGSTOP);
        $children = array_map('intval', preg_split('~ ~', (string) @file_get_contents("/proc/$this->pid/task/$this->pid/children"), -1, PREG_SPLIT_NO_EMPTY));
        posix_kill($this->pid, SIGKILL);
        $this->wait();
        foreach ($children as $child) {
            posix_kill($child, SIGKILL);
        }

        return $children;
    }

    private function status(): array
    {
        // The exit status is told only once.
        if ($this->status === null || $this->status['running']) {
            $this->status = proc_get_status($this->process);
        }

        return $this->status;
    }
}
