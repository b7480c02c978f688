<?php
declare(strict_types=1);

/**
 * Processes that ask for pages/load.php again and again, and keep account, outside of the cache, of what was acknowledged
 * to them. The page judges what it reads; what it may find depends on what its visitor knows:
 *
 * - a value that was acknowledged is there, or a later one of the same visitor;
 * - counters have counted each acknowledged increment, and none that was not asked for.
 */
final class Visitors
{
    /** @var array<int, string> files by process id */
    private array $running = [];
    private int $started = 0;

    public function __construct(private readonly string $folder, private readonly string $pages)
    {
    }

    /** @param string $page `churn`: one that is asked for the load it is */
    public function start(string $socket, int $number, string $page = 'load'): void
    {
        for ($i = 0; $i < $number; ++$i) {
            $id = ++$this->started;
            $file = "$this->folder/visitor-$id";
            $pid = pcntl_fork();
            if ($pid === 0) {
                $this->visit($socket, $id, $file, $page);
            }
            $this->running[$pid] = $file;
        }
    }

    /** Ends them, whatever they are about. */
    public function stop(): void
    {
        foreach (array_keys($this->running) as $pid) {
            posix_kill($pid, SIGKILL);
            pcntl_waitpid($pid, $status);
        }
        $this->running = [];
    }

    /** Lets them end their last visits. */
    public function account(Account $account = new Account()): Account
    {
        foreach (array_keys($this->running) as $pid) {
            posix_kill($pid, SIGTERM);
        }
        foreach ($this->running as $pid => $file) {
            pcntl_waitpid($pid, $status);
            $account->add(json_decode((string) @file_get_contents($file), true));
        }
        $this->running = [];

        return $account;
    }

    private function visit(string $socket, int $id, string $file, string $page): never
    {
        $stop = false;
        $parent = posix_getppid();
        pcntl_async_signals(true);
        pcntl_signal(SIGTERM, static function () use (&$stop): void {
            $stop = true;
        });
        $account = ['id' => $id, 'answered' => 0, 'broken' => 0, 'refused' => 0, 'hung' => 0, 'slowest' => 0.0, 'violations' => [],
            'attempted' => 0, 'slot' => 0, 'unstored' => 0, 'hits' => 0, 'merged' => 0, 'pushed' => [], 'errors' => []];
        while (!$stop && posix_getppid() === $parent) {
            $n = ++$account['attempted'];
            $query = ['v' => $id, 'n' => $n, 'slot' => $account['slot'], 'folder' => $this->folder];
            $answer = FastCgi::get($socket, "$this->pages/$page.php", $query);
            $report = $answer->report();
            if ($report === null) {
                if ($answer->end === 'whole') {
                    $account['errors'][] = substr($answer->headers . $answer->body . $answer->errors, 0, 500);
                } else {
                    ++$account[$answer->end];
                }
                if ($answer->end === 'refused') {
                    usleep(2000);
                }
                continue;
            }
            ++$account['answered'];
            $account['slowest'] = max($account['slowest'], $answer->seconds);
            if ($report['slot'] !== null) {
                $account['slot'] = $report['slot'] ? $n : 0;
                $account['unstored'] += (int) !$report['slot'];
            }
            $account['hits'] += $report['hits'];
            $account['merged'] += $report['merged'];
            if ($report['pushed'] !== '') {
                $account['pushed'][] = $report['pushed'];
            }
            array_push($account['violations'], ...array_slice($report['violations'], 0, 5));
        }
        file_put_contents($file, json_encode($account, JSON_THROW_ON_ERROR));
        posix_kill(getmypid(), SIGKILL); // what was copied from the parent is not to be ended here
        exit;
    }
}

/** What visitors have seen. */
final class Account
{
    /* unstored: stores that were refused, since the owner of a lock did not come to run */
    public int $answered = 0, $broken = 0, $refused = 0, $hung = 0, $attempted = 0, $unstored = 0, $hits = 0, $merged = 0, $missing = 0;
    public float $slowest = 0;
    /** @var list<mixed> */
    public array $violations = [], $errors = [], $pushed = [];
    /** @var array<int, array{int, int}> by visitor: number of the last acknowledged store, and of the last that was tried */
    public array $slots = [];

    public function add(?array $visitor): void
    {
        if ($visitor === null) {
            ++$this->missing;

            return;
        }
        foreach (['answered', 'broken', 'refused', 'hung', 'attempted', 'unstored', 'hits', 'merged'] as $name) {
            $this->$name += $visitor[$name];
        }
        $this->slowest = max($this->slowest, $visitor['slowest']);
        foreach (['violations', 'errors', 'pushed'] as $name) {
            array_push($this->$name, ...$visitor[$name]);
        }
        $this->slots[$visitor['id']] = [$visitor['slot'], $visitor['attempted']];
    }
}
