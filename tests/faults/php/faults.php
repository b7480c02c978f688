<?php

declare(strict_types=1);

/*
 * faults.php PHP CACHE.SO LIBINJECT.SO CALLS.DEF [--most=N] [--all]: an application of PHP in which each call of the
 * extension into the C library fails, the first, the second ... until there is none further; once, and for ever from
 * that one on. After each run a process in which nothing fails uses the same segment. At most N occurrences of a call,
 * spread over all of them.
 */

[, $php, $extension, $injector, $definitions] = $argv;
$all = in_array('--all', $argv, true);
$most = 5;
foreach ($argv as $argument) {
    if (str_starts_with($argument, '--most=')) {
        $most = (int) substr($argument, 7);
    }
}

/** @return array<string, list<int>> the errors of each call; SHORT is -1, DROPPED -2 */
function readCalls(string $file): array
{
    $numbers = ['SHORT' => -1, 'DROPPED' => -2, 'EWOULDBLOCK' => 11];
    $calls = [];
    preg_match_all('/^CALL\((\w+), (.*)\)$/m', file_get_contents($file), $lines, PREG_SET_ORDER);
    foreach ($lines as [, $name, $errors]) {
        foreach (explode(', ', $errors) as $error) {
            $calls[$name][] = $numbers[$error] ?? errorNumber($error);
        }
    }
    return $calls;
}

function errorNumber(string $error): int
{
    return ['EPERM' => 1, 'ENOENT' => 2, 'EINTR' => 4, 'EIO' => 5, 'EAGAIN' => 11, 'ENOMEM' => 12, 'EACCES' => 13,
        'EEXIST' => 17, 'EINVAL' => 22, 'ENFILE' => 23, 'EMFILE' => 24, 'EFBIG' => 27, 'ENOSPC' => 28, 'EROFS' => 30,
        'ENOLCK' => 37, 'ENOSYS' => 38, 'EOPNOTSUPP' => 95, 'ETIMEDOUT' => 110][$error]
        ?? throw new LogicException("an error without a number: $error");
}

final class Run
{
    public string $directory;
    /** @var resource */
    private $process;
    private float $begun;

    private int $exit = -1;

    public function __construct(
        public readonly string $call,
        public readonly int $nth,
        public readonly int $error,
        public readonly bool $always,
    ) {
        global $extension, $injector;
        $this->directory = sys_get_temp_dir() . '/cache-faults-php.' . getmypid() . '/' . bin2hex(random_bytes(6));
        mkdir("$this->directory/segments", 0700, true);
        $this->begun = microtime(true);
        $this->process = $this->start([
            'LD_PRELOAD' => $injector,
            'FAULT_LIBRARY' => basename($extension),
            'FAULT_REPORT' => "$this->directory/report",
            'FAULT' => "$call:$nth:$error" . ($always ? ':always' : ''),
        ], []);
    }

    /** @return resource */
    private function start(array $environment, array $arguments)
    {
        global $php, $extension;
        $command = [$php, '-n', "-dextension=$extension", '-dcache.enable_cli=1', '-dcache.size=2M',
            "-dcache.segment_dir=$this->directory/segments", '-dlog_errors=1', "-derror_log=$this->directory/log",
            '-ddisplay_errors=stderr', __DIR__ . '/workload.php', ...$arguments];
        $files = [1 => ['file', "$this->directory/out", 'w'], 2 => ['file', "$this->directory/err", 'w']];
        return proc_open($command, $files, $pipes, null, $environment + getenv());
    }

    public function isOver(): bool
    {
        $status = proc_get_status($this->process);
        if ($status['running'] && microtime(true) - $this->begun > 60) {
            proc_terminate($this->process, SIGKILL);
        }
        if (!$status['running']) {
            $this->exit = $status['signaled'] ? 1000 + $status['termsig'] : $status['exitcode'];
        }
        return !$status['running'];
    }

    /** How many calls failed, of the process and its child. */
    public function failed(): int
    {
        preg_match_all('/^failed (\d+)$/m', (string) @file_get_contents("$this->directory/report"), $matches);
        return (int) array_sum($matches[1]);
    }

    /** What is wrong, or ''. */
    public function verdict(): string
    {
        $out = file_get_contents("$this->directory/out");
        $err = file_get_contents("$this->directory/err");
        $log = (string) @file_get_contents("$this->directory/log");
        if ($this->exit !== 0 || !str_starts_with($out, 'fine')) {
            $how = $this->exit >= 1000 ? 'ended by signal ' . ($this->exit - 1000) : "exit status $this->exit";
            return "$how: $out$err$log";
        }
        if ($err !== '') {
            return "it complains: $err";
        }
        foreach (array_filter(explode("\n", $log)) as $line) {
            if (!preg_match('/^\[[^]]+\] cache: \S.{15,}/', $line)) {
                return "a line in the log that does not say whose it is: $line";
            }
        }
        if (str_contains($out, 'disabled') && $log === '') {
            return 'disabled without a line in the log';
        }
        $after = $this->start([], ['strict']);
        $status = proc_close($after);
        if ($status !== 0) {
            $out = file_get_contents("$this->directory/out") . file_get_contents("$this->directory/err");
            return "a process after it: exit status $status: $out";
        }
        return '';
    }

    public function clean(): void
    {
        foreach ([...glob("$this->directory/segments/*"), ...glob("$this->directory/*")] as $path) {
            is_dir($path) ? rmdir($path) : unlink($path);
        }
        rmdir($this->directory);
    }
}

/** All runs of one call, each begun when the one before it has ended. */
function plans(string $call, array $errors): Generator
{
    global $all, $most;
    $clock = str_starts_with($call, 'clock_') && $call !== 'clock_nanosleep';
    for ($nth = 1; ; $nth = $all || $nth < $most ? $nth + 1 : $nth + 1 + intdiv($nth, 2)) {
        foreach ($all ? $errors : [$errors[($nth - 1) % count($errors)]] as $i => $error) {
            $failed = yield [$nth, $error, false];
            if ($failed === 0) {
                return;
            }
            if (!$clock) {
                yield [$nth, $error, true];
            }
        }
    }
}

$jobs = [];
foreach (readCalls($definitions) as $call => $errors) {
    $jobs[] = ['call' => $call, 'plans' => plans($call, $errors), 'runs' => 0, 'nth' => 0, 'bad' => []];
}
$limit = 2 * max(1, (int) shell_exec('nproc'));
$active = [];
$bad = 0;
while ($jobs || $active) {
    while ($jobs && count($active) < $limit) {
        $job = array_shift($jobs);
        $job['run'] = new Run($job['call'], ...$job['plans']->current());
        $active[] = $job;
    }
    foreach ($active as $i => &$job) {
        $run = $job['run'];
        if (!$run->isOver()) {
            continue;
        }
        $job['runs']++;
        $failed = $run->failed();
        $verdict = $run->verdict();
        if ($verdict !== '') {
            $job['bad'][] = "$run->call:$run->nth:$run->error" . ($run->always ? ':always' : '') . ": $verdict";
            $failed = max(1, $failed);
        }
        $job['nth'] = $failed ? max($job['nth'], $run->nth) : $job['nth'];
        $run->clean();
        $next = count($job['bad']) > 10 ? null : $job['plans']->send($failed);
        if ($next) {
            $job['run'] = new Run($job['call'], ...$next);
            continue;
        }
        if ($job['bad']) {
            $bad++;
            echo "not ok - php: {$job['call']}: ", count($job['bad']), " of {$job['runs']} runs\n";
            echo implode("\n", array_slice($job['bad'], 0, 3)), "\n";
        } elseif ($job['nth']) {
            echo "ok - php: {$job['call']}: up to number {$job['nth']}, {$job['runs']} runs\n";
        }
        unset($active[$i]);
    }
    unset($job);
    usleep(2000);
}
@rmdir(sys_get_temp_dir() . '/cache-faults-php.' . getmypid());
exit($bad ? 1 : 0);
