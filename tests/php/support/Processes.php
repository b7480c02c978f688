<?php

declare(strict_types=1);

namespace SharedCache\Tests;

/** Forked processes of a test. They end by SIGKILL: nothing of PHPUnit runs in them. */
trait Processes
{
    /** @var array<int, resource> the parent's end of the channel, by process */
    private array $processes = [];

    /**
     * Runs a function in a child. It may say something to the test with $say(mixed), and wait for the test's word
     * with $wait().
     *
     * @param callable(callable(mixed): void, callable(): void): mixed $run what it returns is said, too
     */
    protected function fork(callable $run): int
    {
        [$here, $there] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, STREAM_IPPROTO_IP);
        $process = pcntl_fork();
        if ($process === 0) {
            fclose($here);
            $say = static function (mixed $word) use ($there): void {
                fwrite($there, base64_encode(serialize($word)) . "\n");
            };
            try {
                $say($run($say, static function () use ($there): void {
                    fgets($there);
                }));
            } catch (\Throwable $error) {
                $say((string) $error);
            }
            self::killSelf();
        }
        fclose($there);
        $this->processes[$process] = $here;

        return $process;
    }

    protected static function killSelf(): never
    {
        posix_kill(getmypid(), SIGKILL);
        exit;
    }

    /** What a child says next; it must not take longer than 10 seconds. */
    protected function hear(int $process): mixed
    {
        stream_set_timeout($this->processes[$process], 10);
        $line = fgets($this->processes[$process]);
        self::assertIsString($line, 'the child says something');

        return unserialize(base64_decode($line));
    }

    /** Lets a child go on that waits. */
    protected function letGo(int $process): void
    {
        fwrite($this->processes[$process], "\n");
    }

    protected function kill(int $process): void
    {
        posix_kill($process, SIGKILL);
        pcntl_waitpid($process, $status);
        fclose($this->processes[$process]);
        unset($this->processes[$process]);
    }

    protected function endProcesses(): void
    {
        foreach (array_keys($this->processes) as $process) {
            $this->kill($process);
        }
    }

    /**
     * Runs a function in several processes at once, each with its number.
     *
     * @return list<mixed> what they returned
     */
    protected function inParallel(int $count, callable $run): array
    {
        $processes = [];
        for ($i = 0; $i < $count; $i++) {
            $processes[] = $this->fork(static function (callable $say, callable $wait) use ($run, $i): mixed {
                $wait();

                return $run($i);
            });
        }
        array_map($this->letGo(...), $processes);

        return array_map($this->hear(...), $processes);
    }
}
