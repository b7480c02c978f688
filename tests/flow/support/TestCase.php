<?php

declare(strict_types=1);

namespace SharedCache\Tests\Flow;

use SharedCache\Index\Mode;
use SharedCache\Tests\Processes;

/** An empty cache, an empty database, and processes of each test's own. */
abstract class TestCase extends \PHPUnit\Framework\TestCase
{
    use Processes;

    protected function setUp(): void
    {
        Wiki::reset();
    }

    protected function tearDown(): void
    {
        $this->endProcesses();
    }

    /** @return array<string, array{Mode}> */
    public static function modes(): array
    {
        return ['update in place' => [Mode::UpdateInPlace], 'invalidate and fill' => [Mode::InvalidateAndFill]];
    }
}
