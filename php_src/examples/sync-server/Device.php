<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Examples\SyncServer;

/** A process of the server that serves one device of the user: it does what it is told, and says what came of it. */
final class Device
{
    /** @var resource */
    private $channel;
    private int $process;

    /** @param callable(): SyncServer $open called in the process, which has a database connection of its own */
    public function __construct(public readonly string $name, callable $open)
    {
        [$this->channel, $there] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
        $this->process = pcntl_fork();
        if ($this->process === 0) {
            fclose($this->channel);
            $server = $open();
            while ($line = fgets($there)) {
                [$act, $arguments] = unserialize(base64_decode($line));
                if ($act === 'stop') {
                    break;
                }
                fwrite($there, base64_encode(serialize(Acts::$act($server, ...$arguments))) . "\n");
            }
            exit;
        }
        fclose($there);
    }

    /** Begins something, see Acts. */
    public function begin(string $act, mixed ...$arguments): self
    {
        fwrite($this->channel, base64_encode(serialize([$act, $arguments])) . "\n");

        return $this;
    }

    /** Its result; null: the process was killed. */
    public function end(): mixed
    {
        $line = fgets($this->channel);

        return $line === false ? null : unserialize(base64_decode($line));
    }

    public function do(string $act, mixed ...$arguments): mixed
    {
        return $this->begin($act, ...$arguments)->end();
    }

    public function stop(): void
    {
        // Not by closing the channel: the processes forked after it have it, too.
        @fwrite($this->channel, base64_encode(serialize(['stop', []])) . "\n");
        pcntl_waitpid($this->process, $status);
    }
}
