<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Tests\Storage;

/** php_src/examples/sync-server runs, and shows what it is to show. */
final class ExampleTest extends TestCase
{
    /** @return array<string, array{Setup}> */
    public static function ways(): array
    {
        return Setup::all(Setup::UNCACHED);
    }

    /** @dataProvider ways */
    public function test_the_sync_server(Setup $setup): void
    {
        $output = $setup->runAnotherPhp([
            dirname(__DIR__, 2) . '/php_src/examples/sync-server/run.php',
            '--lock=' . ($setup->cacheLock ? 'cache' : 'database'),
            $setup->dsn(),
        ], status: $status);
        self::assertSame(0, $status, $output);
        self::assertMatchesRegularExpression('/2 collections, [0-9.]+ µs a request, 0 statements of the database/', $output);
        self::assertSame(2, preg_match_all('/downloads, half of a write seen 0 times, the longest wait [0-9.]+ ms/', $output));
        self::assertStringContainsString('the first was ' . ($setup->cacheLock ? 'written' : 'not written'), $output);
        self::assertStringEndsWith("\nThe cache shows what the database has.\n", $output);
    }
}
