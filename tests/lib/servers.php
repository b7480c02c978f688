<?php
declare(strict_types=1);

/** A program of that name; daemons lie where a user's PATH may not lead. */
function tool(string $name): ?string
{
    foreach ([...explode(':', (string) getenv('PATH')), '/usr/sbin', '/usr/local/sbin'] as $folder) {
        if (is_executable("$folder/$name")) {
            return "$folder/$name";
        }
    }

    return null;
}

/** The php-fpm of the PHP that runs this. */
function fpm(): string
{
    return sprintf('php-fpm%d.%d', PHP_MAJOR_VERSION, PHP_MINOR_VERSION);
}

/** @return list<int> children of a process that has one thread */
function children(int $pid): array
{
    return array_map(intval(...), preg_split('~ ~', (string) @file_get_contents("/proc/$pid/task/$pid/children"), flags: PREG_SPLIT_NO_EMPTY));
}

/**
 * nginx on a port of loopback and php-fpm behind it, with configurations of their own. Both run as the user who runs
 * this, and end with this process however that ends.
 */
final class Servers
{
    public readonly int $port;

    /** @var list<resource> */
    private array $running = [];

    /**
     * @param string $work an empty folder
     * @param string $pages /NAME is NAME.php in it
     * @param list<string> $options of php-fpm
     */
    public function __construct(private readonly string $work, string $pages, array $options, int $workers)
    {
        $this->port = $this->freePort();
        $root = posix_geteuid() === 0;
        file_put_contents("$work/fpm.conf", $this->fpmSettings($workers, $root));
        file_put_contents("$work/nginx.conf", $this->nginxSettings($pages, $root));
        $this->start([tool(fpm()), ...$options, '-R', '-F', '-y', "$work/fpm.conf"]);
        $this->start([tool('nginx'), '-c', "$work/nginx.conf", '-e', "$work/nginx.log"]);
        $this->awaitReady();
    }

    /** @return array{string, array<string, string>} body and headers */
    public function get(string $page): array
    {
        $body = @file_get_contents("http://127.0.0.1:$this->port/$page");
        if ($body === false) {
            throw new UnexpectedValueException("/$page: " . ($http_response_header[0] ?? 'no answer') . $this->logs());
        }
        $headers = [];
        foreach ($http_response_header as $line) {
            [$name, $value] = explode(': ', $line, 2) + [1 => ''];
            $headers[$name] = $value;
        }

        return [$body, $headers];
    }

    /** Process ids of the workers of php-fpm. @return list<int> */
    public function workers(): array
    {
        return children(proc_get_status($this->running[0])['pid']);
    }

    /** As `systemctl reload`: workers end when they have answered, and new ones read everything anew. */
    public function reload(): void
    {
        posix_kill(proc_get_status($this->running[0])['pid'], SIGUSR2);
    }

    public function stop(): void
    {
        foreach (array_reverse($this->running) as $process) {
            proc_terminate($process);
            proc_close($process);
        }
        $this->running = [];
    }

    /** @param list<string> $command */
    private function start(array $command): void
    {
        // php-fpm leaves the process group that is killed when the benchmarks are interrupted.
        array_unshift($command, 'setpriv', '--pdeathsig', 'TERM');
        $output = ['file', "$this->work/servers.log", 'a'];
        $this->running[] = proc_open($command, [['file', '/dev/null', 'r'], $output, $output], $pipes);
    }

    private function awaitReady(): void
    {
        for ($i = 0; $i < 100; ++$i) {
            $there = file_exists("$this->work/fpm.socket") && @fsockopen('127.0.0.1', $this->port);
            if ($there) {
                return;
            }
            usleep(100_000);
        }
        $this->stop();
        throw new UnexpectedValueException('the servers did not start' . $this->logs());
    }

    private function logs(): string
    {
        return implode('', array_map(
            static fn (string $file): string => "\n" . trim((string) file_get_contents($file)),
            glob("$this->work/*.log"),
        ));
    }

    private function freePort(): int
    {
        $socket = stream_socket_server('tcp://127.0.0.1:0');

        return (int) substr(strrchr(stream_socket_get_name($socket, false), ':'), 1);
    }

    private function fpmSettings(int $workers, bool $root): string
    {
        return <<<CONF
            [global]
            error_log = $this->work/fpm.log
            [pages]
            listen = $this->work/fpm.socket
            pm = static
            pm.max_children = $workers
            catch_workers_output = yes

            CONF . ($root ? "user = root\n" : '');
    }

    private function nginxSettings(string $pages, bool $root): string
    {
        $folders = '';
        foreach (['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'] as $kind) {
            $folders .= "{$kind}_temp_path $this->work/nginx-$kind; ";
        }
        $user = $root ? 'user root;' : '';

        return <<<CONF
            daemon off;
            $user
            worker_processes 1;
            pid $this->work/nginx.pid;
            error_log $this->work/nginx.log;
            events {}
            http {
                access_log off;
                keepalive_requests 1000000;
                $folders
                server {
                    listen 127.0.0.1:$this->port;
                    location / {
                        fastcgi_pass unix:$this->work/fpm.socket;
                        fastcgi_param SCRIPT_FILENAME $pages\$uri.php;
                        fastcgi_param REQUEST_METHOD \$request_method;
                        fastcgi_param QUERY_STRING \$query_string;
                    }
                }
            }

            CONF;
    }
}
