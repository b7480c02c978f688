<?php
/*
 * PHP processes that use the whole API of one segment and are killed at random instants, every second one forked, the others
 * programs of their own; an oracle outside of the segment knows what they have acknowledged. See worker.inc for what must hold.
 *
 *   php -n -d extension=ffi -d extension=EXTENSION [-d cache.SETTING=...] torture.php --extension=EXTENSION --inspect=PROGRAM
 *       [--kills=300] [--seed=1] [--mean=3000]
 *
 * --mean: microseconds between two kills, on average. cache.segment_dir is a folder of this run. Prints one line as the programs
 * beside it do; the exit status says whether nothing was wrong.
 */
declare(strict_types=1);

require __DIR__ . '/oracle.inc';
require __DIR__ . '/worker.inc';

const HANG_TURNS = 10_000; // of a process that only sleeps, as nice as the others: it says whether they had their turn, too
const PATIENCE_SECONDS = 120;

/** @param list<string> $arguments */
function workAs(array $arguments): never
{
    [, , $path, $number, $seed] = $arguments;
    (new Worker(oracle($path), (int) $number, (int) $seed))->live();
    exit(0);
}

if (($argv[1] ?? '') === 'worker') {
    workAs($argv);
}

final class Driver
{
    private \FFI\CData $oracle;
    private string $folder;
    /** @var array<int, int> pids by worker */
    private array $pids = [];
    /** @var array<int, resource> programs by worker */
    private array $programs = [];
    private int $kills = 0;
    private int $inCall = 0;
    private int $lives = 0;
    private float $gap = 0;
    private int $gapTurns = 0;
    private int $sinceTurns = 0;
    private int $counter = 0;
    private float $since;
    private int $before = 0;
    /** @var list<string> */
    private array $wrong = [];

    /** @param array<string, string> $options */
    public function __construct(private array $options)
    {
        $this->folder = ini_get('cache.segment_dir');
        $this->oracle = oracle("$this->folder/oracle");
        mt_srand((int) $this->options['seed']);
    }

    public function run(): bool
    {
        $began = microtime(true);
        $this->since = $began;
        $this->counter = $this->fork($this->countTurns(...));
        for ($i = 0; $i < WORKERS; ++$i) {
            $this->start($i);
        }
        while ($this->kills < (int) $this->options['kills'] && !$this->wrong) {
            $this->waitABit();
            $victim = mt_rand(0, WORKERS - 1);
            $this->kill($victim);
            $this->start($victim);
        }
        $this->endAll();
        $this->noteProgress();
        $figures = $this->wrong ? [] : $this->lookAtTheEnd();

        return $this->report($figures, microtime(true) - $began);
    }

    /* ---- workers --------------------------------------------------------------------------------------------- */

    private function start(int $worker): void
    {
        $seed = (int) $this->options['seed'] * 1_000_003 + ++$this->lives;
        if (mt_rand(0, 1) === 0) {
            $this->pids[$worker] = $this->fork(fn () => (new Worker($this->oracle, $worker, $seed))->live());
        } else {
            $this->programs[$worker] = proc_open(
                $this->command(['worker', "$this->folder/oracle", (string) $worker, (string) $seed]),
                [0 => ['file', '/dev/null', 'r'], 1 => STDERR, 2 => ['file', "$this->folder/errors", 'a']],
                $pipes,
            );
            $this->pids[$worker] = proc_get_status($this->programs[$worker])['pid'];
        }
    }

    /** @param list<string> $arguments */
    private function command(array $arguments): array
    {
        $settings = ['extension=ffi', 'ffi.enable=1', 'extension=' . $this->options['extension'], 'display_errors=stderr', 'error_reporting=-1'];
        foreach (['segment_dir', 'segment', 'size', 'zero_copy', 'queue_max_attempts', 'quarantine'] as $name) {
            if (($value = ini_get("cache.$name")) !== false) {
                $settings[] = "cache.$name=$value";
            }
        }
        $command = [PHP_BINARY, '-n'];
        foreach ($settings as $setting) {
            array_push($command, '-d', $setting);
        }

        return [...$command, __FILE__, ...$arguments];
    }

    /* This process has never used the cache; so its children are as those of a php-fpm's master. */
    private function fork(\Closure $body): int
    {
        $pid = pcntl_fork();
        if ($pid === 0) {
            fclose(STDERR);
            define('ERRORS', fopen("$this->folder/errors", 'a'));
            ini_set('display_errors', '0');
            ini_set('log_errors', '1');
            ini_set('error_log', "$this->folder/errors");
            try {
                $body();
            } catch (\Throwable $error) {
                error_log((string) $error);
                exit(8);
            }
            exit(0);
        }

        return $pid;
    }

    private function countTurns(): void
    {
        libc()->prctl(1, 9);
        while (!$this->oracle->over) {
            usleep(1000);
            ++$this->oracle->turns;
        }
    }

    private function kill(int $worker): void
    {
        libc()->kill($this->pids[$worker], SIGKILL);
        $this->wait($worker, true);
        $record = $this->oracle->workers[$worker];
        $this->inCall += $record->in_call;
        ++$this->kills;
        if ($record->acking !== 0) {
            // Of somebody who is killed within an acknowledgement nobody knows whether it was done.
            $key = $record->acking - 1;
            $record->ran[$key] = max($record->ran[$key], $record->acking_began);
            $record->acking = 0;
        }
    }

    private function wait(int $worker, bool $killed): void
    {
        $until = microtime(true) + PATIENCE_SECONDS;
        while (($got = pcntl_waitpid($this->pids[$worker], $status, $killed ? 0 : WNOHANG)) === 0 && microtime(true) < $until) {
            usleep(1000);
        }
        if ($got === 0) {
            $this->wrong[] = "worker $worker hangs";
            libc()->kill($this->pids[$worker], SIGKILL);
            pcntl_waitpid($this->pids[$worker], $status);
        } elseif (!(pcntl_wifsignaled($status) ? $killed && pcntl_wtermsig($status) === SIGKILL : pcntl_wexitstatus($status) === 0 && !$killed)) {
            $this->wrong[] = sprintf('worker %d ended by itself: 0x%x', $worker, $status);
        }
        if (isset($this->programs[$worker])) {
            @proc_close($this->programs[$worker]); // it has been waited for
            unset($this->programs[$worker]);
        }
    }

    /* ---- time ------------------------------------------------------------------------------------------------ */

    private function operations(): int
    {
        $sum = 0;
        for ($i = 0; $i < WORKERS; ++$i) {
            $sum += $this->oracle->workers[$i]->operations;
        }

        return $sum;
    }

    private function noteProgress(): bool
    {
        $now = microtime(true);
        $sum = $this->operations();
        $this->gap = max($this->gap, $now - $this->since);
        $this->gapTurns = max($this->gapTurns, $this->oracle->turns - $this->sinceTurns);
        if ($sum === $this->before) {
            return false;
        }
        $this->before = $sum;
        $this->since = $now;
        $this->sinceTurns = $this->oracle->turns;

        return true;
    }

    /* Until something went on, at most 100 ms: else they would be killed before they ever run. */
    private function waitABit(): void
    {
        $until = microtime(true) + 0.1;
        $went = $this->noteProgress();
        usleep((int) min(-log((mt_rand() + 1) / (mt_getrandmax() + 2)) * (int) $this->options['mean'], 100_000));
        while (!($this->noteProgress() || $went) && microtime(true) < $until) {
            usleep(500);
        }
        if ($this->gapTurns > HANG_TURNS) {
            $this->wrong[] = 'nothing goes on any more';
        }
    }

    /* ---- the end --------------------------------------------------------------------------------------------- */

    /* Half of them are killed, the others leave in order. */
    private function endAll(): void
    {
        for ($i = 0; $i < WORKERS; $i += 2) {
            $this->kill($i);
        }
        $this->oracle->over = 1;
        for ($i = 1; $i < WORKERS; $i += 2) {
            $this->wait($i, false);
        }
        pcntl_waitpid($this->counter, $status);
    }

    /**
     * By children: values that a process has fetched stay pinned until it ends.
     *
     * @return array<string, int|string>
     */
    private function lookAtTheEnd(): array
    {
        $results = "$this->folder/results";
        $this->inChild('the check of all keys', function () use ($results): void {
            (new Worker($this->oracle, WORKERS, 1))->checkAll();
            $info = cache_info();
            file_put_contents($results, json_encode([
                'rebuilds' => $info['rebuilds'], 'recoveries' => $info['recoveries'], 'busy' => $info['failed']['busy'],
                'path' => $info['segment']['path'], 'attached' => $info['segment']['attached'] ?? -1, 'mode' => $info['segment']['mode'] ?? '',
            ]));
        });
        $this->inChild('the emptying', static function (): void {
            foreach (new \Cache\EntryIterator() as $name => $entry) {
                cache_delete((string) $name);
            }
            // What a tag has made missing is not walked over, but still there until somebody needs the room.
            for ($key = 0; $key < LEASED; ++$key) {
                cache_delete("leased:$key");
            }
            if (cache_info(true)['entries'] !== 0) {
                exit(7);
            }
        });
        if ($this->wrong) {
            return [];
        }
        $figures = json_decode(file_get_contents($results), true);
        exec(escapeshellarg($this->options['inspect']) . ' ' . escapeshellarg($figures['path']) . ' 2>&1', $lines, $status);
        if ($status !== 0) {
            array_push($this->wrong, ...$lines);
        }

        return $figures;
    }

    private function inChild(string $what, \Closure $body): void
    {
        pcntl_waitpid($this->fork($body), $status);
        if ($status !== 0) {
            $this->wrong[] = sprintf('%s ended with status 0x%x', $what, $status);
        }
    }

    private function sum(string $word): int
    {
        $sum = 0;
        for ($i = 0; $i < WORKERS; ++$i) {
            $sum += $this->oracle->workers[$i]->{$word};
        }

        return $sum;
    }

    /** @param array<string, int|string> $figures */
    private function report(array $figures, float $seconds): bool
    {
        $errors = trim((string) @file_get_contents("$this->folder/errors"));
        $good = !$this->wrong && $errors === '';
        foreach ([...$this->wrong, ...array_slice(array_filter(explode("\n", $errors)), 0, 8)] as $line) {
            echo "# torture.php: $line\n";
        }
        printf(
            "%s - torture.php: %d kills (%.1f %% in a call, %.1f %% with a lock), %.3f M operations, %d recoveries, %d rebuilds, "
                . "%d looks at what is held, %d leases, %d commits, %d jobs, %d writers' deaths told, %d refused, %d busy; longest gap %.3f s and %d turns, %.1f s\n",
            $good ? 'ok' : 'not ok', $this->kills, 100 * $this->inCall / max(1, $this->kills),
            100 * ($figures['rebuilds'] ?? 0) / max(1, $this->kills), $this->operations() / 1e6, $figures['recoveries'] ?? 0, $figures['rebuilds'] ?? 0,
            $this->sum('held'), $this->sum('leases'), $this->sum('commits'), $this->sum('jobs'), $this->sum('recovered'),
            $this->sum('refused'), $figures['busy'] ?? 0, $this->gap, $this->gapTurns, $seconds,
        );

        return $good;
    }
}

$options = getopt('', ['extension:', 'inspect:', 'kills:', 'seed:', 'mean:']) + ['kills' => '300', 'seed' => '1', 'mean' => '3000'];
exit((new Driver($options))->run() ? 0 : 1);
