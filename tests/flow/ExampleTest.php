<?php

declare(strict_types=1);

namespace SharedCache\Tests\Flow;

/** php_src/examples/wiki-topic-list. */
final class ExampleTest extends TestCase
{
    public function testTheListOfConcurrentPostersIsTheDatabases(): void
    {
        [$status, $output] = $this->example('4', '2', '60');
        self::assertSame(0, $status, $output);
        self::assertStringContainsString("The 50 topics in the cache are the database's.", $output);
        self::assertSame(1, preg_match_all('/^poster \d +killed after the database had committed/m', $output), $output);
        self::assertSame(3, preg_match_all('/^poster \d +60 +\d+ +\d+ +[\d,]+ µs, [\d,]+ µs, [\d,]+ µs$/m', $output), $output);
        self::assertSame(2, preg_match_all('/^reader \d.* [\d,]+ µs, [\d,]+ µs, [\d,]+ µs$/m', $output), $output);
        self::assertMatchesRegularExpression('/freed from the marks of 1 dead writers/', $output);
    }

    public function testItsArguments(): void
    {
        [$status, $output] = $this->example('0');
        self::assertSame([2, "wiki-topic-list [POSTERS [READERS [POSTS]]]\n"], [$status, $output]);
    }

    /** @return array{int, string} */
    private function example(string ...$arguments): array
    {
        $command = [getenv('CACHE_TEST_PHP'), '-n'];
        foreach (['pdo.so', 'pdo_sqlite.so', 'posix.so', getenv('CACHE_TEST_EXTENSION')] as $extension) {
            array_push($command, '-d', "extension=$extension");
        }
        array_push($command, '-d', 'cache.enable_cli=1', '-d', 'cache.segment=' . getenv('CACHE_TEST_SEGMENT') . '-example');
        array_push($command, '-d', 'display_errors=1', dirname(__DIR__, 2) . '/php_src/examples/wiki-topic-list', ...$arguments);
        $process = proc_open($command, [1 => ['pipe', 'w'], 2 => ['redirect', 1]], $pipes);
        $output = stream_get_contents($pipes[1]);

        return [proc_close($process), $output];
    }
}
