<?php
declare(strict_types=1);

/** A server that listens at a Unix socket, started for this process and stopped at its end. */
final class Server
{
    /** @param resource $process */
    private function __construct(private $process, private readonly string $socket)
    {
    }

    /**
     * @param list<string> $command
     * @return self|null null: the program is not there, or does not listen within ten seconds
     */
    public static function start(array $command, string $socket): ?self
    {
        if (!is_executable($command[0])) {
            return null;
        }
        $nothing = ['file', '/dev/null', 'w'];
        $server = new self(proc_open($command, [['file', '/dev/null', 'r'], $nothing, $nothing], $pipes), $socket);
        register_shutdown_function($server->stop(...));
        for ($until = microtime(true) + 10; microtime(true) < $until; usleep(1000)) {
            if (file_exists($socket) && ($connection = @stream_socket_client("unix://$socket")) !== false) {
                fclose($connection);

                return $server;
            }
            if (!proc_get_status($server->process)['running']) {
                break;
            }
        }
        $server->stop();

        return null;
    }

    public function stop(): void
    {
        if (is_resource($this->process)) {
            proc_terminate($this->process);
            proc_close($this->process);
        }
        if (file_exists($this->socket)) {
            unlink($this->socket);
        }
    }
}
