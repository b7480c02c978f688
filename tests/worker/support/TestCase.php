<?php

declare(strict_types=1);

namespace Tests;

/** A queue, a folder and processes of each test's own; an empty cache. */
abstract class TestCase extends \PHPUnit\Framework\TestCase
{
    protected string $folder;
    /** @var list<Program> */
    private array $programs = [];
    /** @var list<array> jobs that the test itself has taken */
    private array $jobs = [];

    protected function setUp(): void
    {
        $this->folder = sys_get_temp_dir() . '/cache-worker-' . bin2hex(random_bytes(6));
        mkdir($this->folder, 0700);
        cache_clear();
        $this->emptyQueues();
    }

    protected function tearDown(): void
    {
        foreach ($this->programs as $program) {
            foreach ($program->kill() as $child) {
                $this->await(fn (): bool => !self::isAlive($child), "the worker $child has ended");
            }
        }
        foreach ($this->jobs as $job) {
            cache_queue_ack($job['id'], $job['token']);
        }
        // Those of dead workers are ready.
        $this->await(fn (): bool => array_sum(array_column(cache_queue_info(), 'running')) === 0, 'no job runs');
        $this->emptyQueues();
        exec('rm -rf ' . escapeshellarg($this->folder));
    }

    /** cache_queue_pop(); the job is done at the end of the test at the latest. */
    protected function pop(string $queue = 'pages', float $wait = 0.0, float $lease = 60.0): ?array
    {
        $job = cache_queue_pop($queue, $wait, $lease);
        if ($job !== null) {
            $this->jobs[] = $job;
        }

        return $job;
    }

    private function emptyQueues(): void
    {
        foreach (array_keys(cache_queue_info()) as $queue) {
            cache_queue_purge((string) $queue);
            cache_queue_purge((string) $queue, true);
        }
    }

    /** @return list<string> the command line of PHP with the extension */
    protected function php(array $settings = [], bool $extension = true): array
    {
        $settings += ['cache.segment' => getenv('CACHE_TEST_SEGMENT'), 'cache.enable_cli' => '1', 'zend.assertions' => '1'];
        $command = [getenv('CACHE_TEST_PHP'), '-n', '-d', 'extension=posix.so'];
        if ($extension) {
            array_push($command, '-d', 'extension=' . getenv('CACHE_TEST_EXTENSION'));
        }
        foreach ($settings as $name => $value) {
            array_push($command, '-d', "$name=$value");
        }

        return $command;
    }

    /** @param list<string> $command */
    protected function start(array $command, array $environment = []): Program
    {
        return $this->programs[] = new Program($command, $this->folder, $environment);
    }

    /** cache-worker with these words, which has not ended yet. */
    protected function worker(array $words, array $settings = []): Program
    {
        return $this->start(
            [...$this->php($settings), dirname(__DIR__, 3) . '/php_src/bin/cache-worker', ...$words],
            ['CACHE_TEST_FOLDER' => $this->folder],
        );
    }

    /** `cache-worker run` with the application in fixtures/app.php, logging JSON. */
    protected function runWorker(string ...$options): Program
    {
        return $this->worker(['run', '--bootstrap=' . dirname(__DIR__) . '/fixtures/app.php', '--json', '-vv', ...$options]);
    }

    /** cache-worker to its end. @return array{int, string, string} exit status, output, error output */
    protected function command(string ...$words): array
    {
        $program = $this->worker($words);

        return [$program->wait(), $program->out(), $program->err()];
    }

    /** Waits for a condition, which must come true. */
    protected function await(callable $condition, string $what, float $seconds = 10.0): void
    {
        $until = microtime(true) + $seconds;
        while (!$condition()) {
            if (microtime(true) > $until) {
                $printed = array_map(static fn (Program $program): string => $program->out() . $program->err(), $this->programs);
                $printed[] = json_encode(cache_queue_info());
                self::fail("It did not come to pass that $what.\n" . implode("\n", $printed));
            }
            usleep(2000);
        }
        $this->addToAssertionCount(1);
    }

    protected function awaitEvent(Program $program, string $event, int $count = 1): void
    {
        $this->await(fn (): bool => count($program->log($event)) >= $count, "the log has $count × $event");
    }

    /** Waits until a loader stands at a gate, and returns its process. */
    protected function awaitGate(string $name, int $attempt = 1): int
    {
        $this->await(fn (): bool => is_file("$this->folder/$name.$attempt"), "attempt $attempt is at the gate $name");

        return (int) file_get_contents("$this->folder/$name.$attempt");
    }

    protected function openGate(string $name): void
    {
        touch("$this->folder/$name.open");
    }

    /** Is the process there, and no zombie? */
    protected static function isAlive(int $pid): bool
    {
        $stat = @file_get_contents("/proc/$pid/stat");

        return $stat !== false && !preg_match('~\) [ZX] ~', $stat);
    }
}
