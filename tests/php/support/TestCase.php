<?php

declare(strict_types=1);

namespace SharedCache\Tests;

/** An empty cache, and processes of each test's own. */
abstract class TestCase extends \PHPUnit\Framework\TestCase
{
    use Processes;

    protected function setUp(): void
    {
        cache_clear();
    }

    protected function tearDown(): void
    {
        $this->endProcesses();
        foreach (array_keys(cache_queue_info()) as $queue) {
            cache_queue_purge((string) $queue);
        }
    }

    /** What a script prints that runs in a PHP with these settings, with the library loaded. */
    protected function php(string $code, array $settings = [], bool $extension = true): string
    {
        $settings += ['cache.segment' => getenv('CACHE_TEST_SEGMENT'), 'cache.enable_cli' => '1', 'display_errors' => '1'];
        $command = [getenv('CACHE_TEST_PHP'), '-n'];
        if ($extension) {
            array_push($command, '-d', 'extension=' . getenv('CACHE_TEST_EXTENSION'));
        }
        foreach ($settings as $name => $value) {
            array_push($command, '-d', "$name=$value");
        }
        $library = var_export(dirname(__DIR__, 3) . '/php_src/autoload.php', true);
        array_push($command, '-r', "require $library; $code");
        $process = proc_open($command, [1 => ['pipe', 'w'], 2 => ['redirect', 1]], $pipes);
        $output = stream_get_contents($pipes[1]);
        proc_close($process);

        return $output;
    }
}
