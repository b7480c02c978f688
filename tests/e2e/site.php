<?php
declare(strict_types=1);

require_once __DIR__ . '/../lib/servers.php';

/** nginx and php-fpm with the pages of this folder, workers of the queue, and what they have in common. */
final class Site
{
    public readonly Servers $servers;
    private const QUEUE = 'pages';
    /** @var array<int, resource> by process id */
    private array $masters = [];

    public function __construct(
        private readonly string $work,
        private readonly string $extension,
        private readonly string $segments,
        int $workers,
    ) {
        mkdir("$work/servers");
        touch("$work/events");
        $this->setSource(1);
        $this->setDelay(0);
        // php-fpm passes no environment on: an INI value that nothing else uses tells the folder.
        $this->servers = new Servers("$work/servers", __DIR__ . '/pages', $this->options(['user_agent' => $work]), $workers);
    }

    public function stop(): void
    {
        foreach (array_keys($this->masters) as $master) {
            $this->stopWorker($master, SIGTERM);
        }
        $this->servers->stop();
    }

    /* ---- the application's truth ------------------------------------------------------------------------- */

    public function setSource(int $version): void
    {
        file_put_contents("$this->work/source", (string) $version);
    }

    public function setDelay(int $microseconds): void
    {
        file_put_contents("$this->work/delay", (string) $microseconds);
    }

    public function closeGate(): void
    {
        touch("$this->work/gate");
    }

    public function openGate(): void
    {
        @unlink("$this->work/gate");
    }

    /** @return list<array{event: string, key: string, version: int, time: int, pid: int, sapi: string}> */
    public function events(string $key, string $event): array
    {
        $events = array_map(
            static fn (string $line): array => json_decode($line, true, flags: JSON_THROW_ON_ERROR),
            file("$this->work/events", FILE_IGNORE_NEW_LINES),
        );

        return array_values(array_filter($events, static fn (array $e): bool => $e['key'] === $key && $e['event'] === $event));
    }

    /* ---- workers ----------------------------------------------------------------------------------------- */

    /** Starts cache-worker; its master's process id. @param list<string> $options of `run` */
    public function startWorker(array $options = []): int
    {
        $command = [
            PHP_BINARY, ...$this->options([]), dirname(__DIR__, 2) . '/php_src/bin/cache-worker', 'run',
            '--bootstrap=' . __DIR__ . '/bootstrap.php', '--json', '-vv', ...$options,
        ];
        array_unshift($command, 'setpriv', '--pdeathsig', 'TERM');
        $log = ['file', "$this->work/worker.log", 'a'];
        $environment = ['CACHE_E2E_FOLDER' => $this->work] + getenv();
        $process = proc_open($command, [['file', '/dev/null', 'r'], $log, $log], $pipes, null, $environment);
        $master = proc_get_status($process)['pid'];
        $this->masters[$master] = $process;

        return $master;
    }

    public function stopWorker(int $master, int $signal): void
    {
        posix_kill($master, $signal);
        proc_close($this->masters[$master]);
        unset($this->masters[$master]);
    }

    /** @return list<array> what the workers have logged */
    public function log(string $event): array
    {
        $lines = array_map(static fn (string $line): ?array => json_decode($line, true), file("$this->work/worker.log"));

        return array_values(array_filter($lines, static fn (?array $line): bool => ($line['event'] ?? null) === $event));
    }

    /** What a command of cache-worker prints and its exit status. @return array{string, int} */
    public function command(string ...$arguments): array
    {
        $command = [PHP_BINARY, ...$this->options([]), dirname(__DIR__, 2) . '/php_src/bin/cache-worker', ...$arguments];
        exec(implode(' ', array_map(escapeshellarg(...), $command)) . ' 2>&1', $lines, $status);

        return [implode("\n", $lines), $status];
    }

    /** As the application does after it has changed the source. */
    public function refresh(string $key): int
    {
        cache_mark_stale($key);

        return cache_queue_push(self::QUEUE, $key);
    }

    /* ---- visitors ---------------------------------------------------------------------------------------- */

    /** @return array{version: int, pid: int, worker: int, seconds: float}|null null: no page came */
    public function visit(string $key): ?array
    {
        return $this->visitAtOnce($key, 1)[0];
    }

    /**
     * So many at the same time, each with its own connection.
     *
     * @return list<array{version: int, pid: int, worker: int, seconds: float}|null>
     */
    public function visitAtOnce(string $key, int $visitors): array
    {
        $begun = hrtime(true);
        $sockets = $answers = [];
        for ($i = 0; $i < $visitors; ++$i) {
            $sockets[$i] = stream_socket_client("tcp://127.0.0.1:{$this->servers->port}", timeout: 10);
            fwrite($sockets[$i], "GET /page?$key HTTP/1.0\r\n\r\n");
            stream_set_timeout($sockets[$i], 20);
        }
        foreach ($sockets as $i => $socket) {
            $answer = (string) stream_get_contents($socket);
            $body = explode("\r\n\r\n", $answer, 2)[1] ?? '';
            $page = preg_match('~^HTTP/1\.[01] 200 ~', $answer) ? json_decode($body, true) : null;
            $answers[$i] = is_array($page) ? $page + ['seconds' => (hrtime(true) - $begun) / 1e9] : null;
        }

        return $answers;
    }

    /** @param array<string, string> $settings @return list<string> of PHP's command line */
    private function options(array $settings): array
    {
        $settings += [
            'cache.segment_dir' => $this->segments, 'cache.segment' => 'e2e', 'cache.queue_max_attempts' => '100',
            'zend.assertions' => '1',
        ];
        $options = ['-n', '-d', 'extension=posix', '-d', "extension=$this->extension"];
        foreach ($settings as $name => $value) {
            array_push($options, '-d', "$name=$value");
        }

        return $options;
    }
}
