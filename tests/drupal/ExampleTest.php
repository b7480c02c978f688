<?php

declare(strict_types=1);

namespace Drupal\Tests\shared_cache;

/** The example of php_src runs, and nobody in it sees anything old. */
final class ExampleTest extends TestCase
{
    public function testTheRenderCacheUnderTheDirtyLoop(): void
    {
        $command = [getenv('CACHE_TEST_PHP'), '-n'];
        foreach (['mbstring', 'pdo', 'pdo_sqlite', 'posix', getenv('CACHE_TEST_EXTENSION')] as $extension) {
            array_push($command, '-d', "extension=$extension");
        }
        foreach (['cache.enable_cli=1', 'cache.segment=' . getenv('CACHE_TEST_SEGMENT'), 'display_errors=1'] as $setting) {
            array_push($command, '-d', $setting);
        }
        $example = dirname(__DIR__, 2) . '/php_src/examples/drupal-render-cache/run.php';
        $process = proc_open([...$command, $example, '0.5'], [1 => ['pipe', 'w'], 2 => ['redirect', 1]], $pipes);
        $output = stream_get_contents($pipes[1]);
        self::assertSame(0, proc_close($process), $output);
        self::assertSame(2, preg_match_all('/^ +[1-9]\d* pages, /m', $output), $output);
        self::assertSame(2, preg_match_all('/^ +0 blocks were older than /m', $output), $output);
        self::assertMatchesRegularExpression('/^ +[1-9]\d* blocks were renewed by their stamp/m', $output);
    }
}
