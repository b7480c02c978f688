<?php
declare(strict_types=1);

/** A php-fpm with configuration, sockets and log in a folder of its own. It ends when this process ends, however that ends. */
final class Fpm
{
    private const DIRECTIVES = '~^(user|group|listen|pm|process|catch_workers_output|chroot|chdir|clear_env|request_\w+|security)(\.|$)~';

    /** @var resource */
    private $process;
    public readonly int $master;

    /**
     * @param array<string, array<string, string|int>> $pools by name: directives of the pool, and settings of PHP for it
     * @param array<string, string> $options settings of PHP for all of it: php-fpm -d
     * @param array<string, string|int> $global directives
     */
    public function __construct(
        public readonly string $folder,
        string $extension,
        array $pools,
        array $options = [],
        array $global = [],
        array $environment = [],
    ) {
        @mkdir($folder, 0755, true);
        file_put_contents("$folder/conf", $this->configuration($pools, $global));
        $command = ['setpriv', '--pdeathsig', 'TERM', fpmBinary(), '-n', '-F', '-R', '-y', "$folder/conf", '-d', "extension=$extension"];
        foreach ($options as $name => $value) {
            array_push($command, '-d', "$name=$value");
        }
        $output = ['file', "$folder/out", 'a'];
        $this->process = proc_open($command, [['file', '/dev/null', 'r'], $output, $output], $pipes, null, $environment + getenv());
        $this->master = proc_get_status($this->process)['pid'];
        if (!becomes(fn (): bool => $this->isReady(array_keys($pools)))) {
            throw new RuntimeException('php-fpm did not start: ' . @file_get_contents("$folder/out") . $this->log());
        }
    }

    public function socket(string $pool = 'pool'): string
    {
        return "$this->folder/$pool.socket";
    }

    /** @return list<int> process ids of all workers */
    public function workers(): array
    {
        $children = (string) @file_get_contents("/proc/$this->master/task/$this->master/children");

        return array_map(intval(...), preg_split('~ ~', $children, flags: PREG_SPLIT_NO_EMPTY));
    }

    public function signal(int $signal): void
    {
        posix_kill($this->master, $signal);
    }

    public function log(): string
    {
        return (string) @file_get_contents("$this->folder/log");
    }

    /** How often the log has it. What happens comes there a little later. */
    public function logged(string $pattern): int
    {
        return (int) preg_match_all($pattern, $this->log());
    }

    /** Is the master there, and not about to end? */
    public function isRunning(): bool
    {
        return proc_get_status($this->process)['running'];
    }

    public function stop(): void
    {
        if (!is_resource($this->process)) {
            return;
        }
        proc_terminate($this->process, SIGTERM);
        if (!becomes(fn (): bool => !$this->isRunning())) {
            foreach ([...$this->workers(), $this->master] as $pid) {
                posix_kill($pid, SIGKILL);
            }
            check('php-fpm ends when it is told to', false, $this->log());
        }
        proc_close($this->process);
    }

    private function isReady(array $pools): bool
    {
        foreach ($pools as $pool) {
            if (!file_exists($this->socket($pool))) {
                return false;
            }
        }

        return str_contains($this->log(), 'ready to handle connections');
    }

    /** @param array<string, array<string, string|int>> $pools @param array<string, string|int> $global */
    private function configuration(array $pools, array $global): string
    {
        $lines = ['[global]', "error_log = $this->folder/log", 'daemonize = no', 'log_level = notice'];
        foreach ($global as $name => $value) {
            $lines[] = "$name = $value";
        }
        foreach ($pools as $pool => $directives) {
            $directives += ['pm' => 'static', 'pm.max_children' => 4, 'catch_workers_output' => 'yes', 'listen.mode' => '0666'];
            if (posix_geteuid() === 0) {
                $directives += ['user' => 0, 'group' => 0];
            }
            array_push($lines, "[$pool]", 'listen = ' . $this->socket($pool));
            foreach ($directives as $name => $value) {
                $isPhp = !preg_match(self::DIRECTIVES, $name);
                $lines[] = $isPhp ? "php_admin_value[$name] = $value" : "$name = $value";
            }
        }

        return implode("\n", $lines) . "\n";
    }
}

/** The php-fpm of the PHP that runs this. */
function fpmBinary(): string
{
    foreach ([(string) getenv('TEST_FPM_EXECUTABLE'), sprintf('/usr/sbin/php-fpm%d.%d', PHP_MAJOR_VERSION, PHP_MINOR_VERSION)] as $path) {
        if (is_executable($path)) {
            return $path;
        }
    }
    throw new RuntimeException('there is no php-fpm of this version');
}
