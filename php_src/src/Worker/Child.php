<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Worker;

/**
 * A forked worker as its master sees it, and, in the worker, the way to tell the master something. What the worker said
 * is read when it has ended, or when there is something to read; that it ended without a last word means that it died.
 */
final class Child
{
    public readonly int $pid;
    public readonly int $started;
    public bool $ready = false;
    /** Is its end of the pipe open? */
    public bool $listening = true;
    /** Has it said why it cannot begin? */
    public bool $refused = false;
    /** Why it ended, in its own words; null: it did not say. */
    public ?StopReason $reason = null;
    public readonly CurrentJob $current;
    /** @var resource the master's end, later the worker's own */
    private mixed $pipe;
    /** @var resource */
    private mixed $other;
    private string $received = '';

    public function __construct()
    {
        $this->current = new CurrentJob();
        [$this->pipe, $this->other] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, STREAM_IPPROTO_IP);
    }

    /** In the master, after the fork. */
    public function becameParent(int $pid): void
    {
        $this->pid = $pid;
        $this->started = hrtime(true);
        fclose($this->other);
        stream_set_blocking($this->pipe, false);
    }

    /** In the worker, after the fork. */
    public function becameChild(): void
    {
        fclose($this->pipe);
        $this->pipe = $this->other;
    }

    /** In the worker, for what it inherited of its siblings. */
    public function forget(): void
    {
        fclose($this->pipe);
    }

    public function sayReady(): void
    {
        @fwrite($this->pipe, "ready\n");
    }

    /** What is wrong has been said to the user. */
    public function sayRefused(): void
    {
        @fwrite($this->pipe, "refused\n");
    }

    public function sayStopped(StopReason $reason): void
    {
        @fwrite($this->pipe, "stopped $reason->value\n");
    }

    /** @return resource to wait for */
    public function pipe(): mixed
    {
        return $this->pipe;
    }

    /** Takes in what the worker has said. */
    public function listen(): void
    {
        $this->received .= (string) stream_get_contents($this->pipe);
        while (($end = strpos($this->received, "\n")) !== false) {
            [$word, $reason] = explode(' ', substr($this->received, 0, $end)) + [1 => ''];
            $this->received = substr($this->received, $end + 1);
            match ($word) {
                'ready' => $this->ready = true,
                'refused' => $this->refused = true,
                'stopped' => $this->reason = StopReason::from($reason),
            };
        }

        $this->listening = !feof($this->pipe);
    }

    /** Seconds since its start. */
    public function age(): float
    {
        return (hrtime(true) - $this->started) / 1e9;
    }
}
