<?php

declare(strict_types=1);

namespace Drupal\Tests;

use PHPUnit\Framework\TestCase;

/** Stands in for the base of core's unit tests. */
abstract class UnitTestCase extends TestCase
{
    protected function randomString(int $length = 8): string
    {
        return bin2hex(random_bytes($length));
    }

    protected function randomMachineName(int $length = 8): string
    {
        return $this->randomString($length);
    }

    protected function randomObject(int $size = 4): object
    {
        return (object) array_fill_keys(array_map(static fn (int $i): string => "property$i", range(1, $size)), $this->randomString());
    }
}
