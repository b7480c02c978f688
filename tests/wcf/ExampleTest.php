<?php

declare(strict_types=1);

namespace Tests\Wcf;

/** php_src/examples/forum-statistics, as its reader starts it. */
final class ExampleTest extends \PHPUnit\Framework\TestCase
{
    public function testTheForumsStatistics(): void
    {
        $extension = getenv('CACHE_TEST_EXTENSION');
        $process = proc_open(
            [
                getenv('CACHE_TEST_PHP'), '-n', '-d', 'extension=posix', '-d', "extension=$extension", '-d', 'cache.enable_cli=1',
                '-d', 'cache.segment=' . getenv('CACHE_TEST_SEGMENT') . '-example', '-d', 'display_errors=1',
                dirname(__DIR__, 2) . '/php_src/examples/forum-statistics/run.php', '3',
            ],
            [1 => ['pipe', 'w'], 2 => ['redirect', 1]],
            $pipes,
            null,
            ['CACHE_EXTENSION' => $extension] + getenv(),
        );
        $output = stream_get_contents($pipes[1]);
        self::assertSame(0, proc_close($process), $output);
        $built = [];
        preg_match_all('~^(statistics|newest post) +(visitor|author|worker)[ \d]*? +(\d+)$~m', $output, $lines, PREG_SET_ORDER);
        foreach ($lines as [, $what, $who, $times]) {
            $built["$what by $who"] = ($built["$what by $who"] ?? 0) + (int) $times;
        }
        self::assertSame(1, $built['statistics by visitor'] ?? null, $output); // when nothing was there
        self::assertSame(1, $built['newest post by visitor'] ?? null, $output);
        self::assertGreaterThanOrEqual(1, $built['statistics by worker'] ?? 0, $output);
        self::assertMatchesRegularExpression('~The author: (\d+) posts~', $output);
        preg_match('~The author: (\d+) posts~', $output, $posts);
        // Between the author's mark and his lock a visitor may have left it to the worker.
        $rebuilt = $built['newest post by author'] + ($built['newest post by worker'] ?? 0);
        self::assertGreaterThanOrEqual((int) $posts[1], $rebuilt, $output);
        self::assertStringContainsString('newest: Post number 2', $output);
    }
}
